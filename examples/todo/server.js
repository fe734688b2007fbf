// A small todo application. The page works without JavaScript in the browser;
// the same addresses speak JSON to everything that is not a form.
const http = require("node:http");
const todos = require("./todos.js");
const page = require("./page.js");
const stopOnSignal = require("./stop.js");

const maxBody = 64 * 1024;
const maxId = 2 ** 31 - 1;

class BadRequest extends Error {}

const sendJSON = (response, status, value) =>
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value) + "\n");

const sendPage = (response, html) =>
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }).end(html);

const backToPage = (response) => response.writeHead(303, { location: "/" }).end();

const notFound = (response) => sendJSON(response, 404, { error: "not found" });

const isForm = (request) => (request.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");

// The fields of a request, whether they come from a form or as JSON.
async function fields(request) {
  let body = "";
  request.setEncoding("utf8");
  for await (const chunk of request) {
    body += chunk;
    if (body.length > maxBody) throw new BadRequest("the body is too long");
  }
  if (isForm(request)) return Object.fromEntries(new URLSearchParams(body));
  try {
    return Object(JSON.parse(body));
  } catch {
    throw new BadRequest("the body is not JSON");
  }
}

async function addTodo(request, response) {
  const { what } = await fields(request);
  if (typeof what !== "string" || what.trim() === "") throw new BadRequest('"what" must be a text that is not empty');
  const { todo, isNew } = await todos.add(what.trim());
  if (isForm(request)) return backToPage(response);
  sendJSON(response, isNew ? 201 : 200, todo);
}

async function changeTodo(request, response, id) {
  const { done } = await fields(request);
  if (typeof done !== "boolean") throw new BadRequest('"done" must be true or false');
  const todo = await todos.setDone(id, done);
  return todo ? sendJSON(response, 200, todo) : notFound(response);
}

// A form knows only POST: the button that was pressed says what to do.
async function pressButton(request, response, id) {
  const { change } = await fields(request);
  if (change === "delete") await todos.remove(id);
  else await todos.setDone(id, change === "finish");
  backToPage(response);
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, "http://todo");
  const method = request.method === "HEAD" ? "GET" : request.method;
  const route = `${method} ${pathname}`;

  if (route === "GET /") return sendPage(response, page(await todos.all()));
  if (route === "GET /todos") return sendJSON(response, 200, await todos.all());
  if (route === "POST /todos") return addTodo(request, response);
  if (route === "GET /health") {
    await todos.isReady();
    return sendJSON(response, 200, { ok: true });
  }

  const id = Number(/^\/todos\/(\d{1,10})$/.exec(pathname)?.[1]);
  if (!(id <= maxId)) return notFound(response);
  switch (method) {
    case "GET": {
      const todo = await todos.one(id);
      return todo ? sendJSON(response, 200, todo) : notFound(response);
    }
    case "PATCH":
      return changeTodo(request, response, id);
    case "POST":
      return pressButton(request, response, id);
    case "DELETE":
      return (await todos.remove(id)) ? response.writeHead(204).end() : notFound(response);
    default:
      return sendJSON(response, 405, { error: "method not allowed" });
  }
}

const server = http.createServer((request, response) => {
  answer(request, response).catch((error) => {
    const status = error instanceof BadRequest ? 400 : 500;
    if (status === 500) console.error(`${request.method} ${request.url}:`, error.stack);
    if (response.headersSent) response.destroy();
    else sendJSON(response, status, { error: error.message });
  });
});

stopOnSignal(server, todos.close);

todos.setUp().then(
  () => server.listen(8080, () => console.log("listening on port 8080")),
  (error) => {
    console.error("the database cannot be used:", error.message);
    process.exit(1);
  },
);
