// The API: todos as JSON.
import http from "node:http";
import * as todos from "./todos.js";

const port = 3000;
const maxBody = 64 * 1024;
const maxId = 2 ** 31 - 1;

class BadRequest extends Error {}

const send = (response, status, value) =>
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value) + "\n");

// An undefined todo was not found.
const sendFound = (response, todo) => (todo ? send(response, 200, todo) : send(response, 404, { error: "not found" }));

async function bodyOf(request) {
  let body = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    body += chunk;
    if (body.length > maxBody) throw new BadRequest("the body is too long");
  }
  try {
    return Object(JSON.parse(body));
  } catch {
    throw new BadRequest("the body is not JSON");
  }
}

async function add(request, response) {
  const { what } = await bodyOf(request);
  if (typeof what !== "string" || what.trim() === "") throw new BadRequest('"what" must be a text that is not empty');
  const { todo, isNew } = await todos.add(what.trim());
  send(response, isNew ? 201 : 200, todo);
}

async function change(request, response, id) {
  const { done } = await bodyOf(request);
  if (typeof done !== "boolean") throw new BadRequest('"done" must be true or false');
  sendFound(response, await todos.setDone(id, done));
}

async function answer(request, response) {
  const [path] = request.url.split("?");
  if (path === "/todos") {
    if (request.method === "GET") return send(response, 200, await todos.all());
    if (request.method === "POST") return add(request, response);
  }
  const id = Number(/^\/todos\/(\d{1,10})$/.exec(path)?.[1]);
  if (id <= maxId) {
    if (request.method === "GET") return sendFound(response, await todos.one(id));
    if (request.method === "PATCH") return change(request, response, id);
    if (request.method === "DELETE") {
      return (await todos.remove(id)) ? response.writeHead(204).end() : sendFound(response);
    }
  }
  send(response, 404, { error: `there is no ${request.method} ${path}` });
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    const status = error instanceof BadRequest ? 400 : 500;
    if (status === 500) console.error(`${request.method} ${request.url}:`, error.stack);
    if (response.headersSent) response.destroy();
    else send(response, status, { error: error.message });
  });
});

// The first process of a container ignores signals that it has no handler for.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit());

try {
  await todos.setUp();
} catch (error) {
  console.error(`the database at DB_URI: ${error.message}`);
  process.exit(1);
}
server.listen(port, () => console.log(`listening on port ${port}`));
