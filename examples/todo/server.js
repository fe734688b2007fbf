// The web application: it renders the page, and passes the page's requests on to
// the API. It gets all its settings from environment variables, so it runs the
// same way inside and outside a container.
import http from "node:http";
import { page } from "./page.js";

const { API_URL, TODO_ID, PORT = 8080 } = process.env;
if (!API_URL) fail('API_URL is not set. To run this outside Docker: eval "$(miniboss env todo --host)" && npm run dev');

async function showPage(response) {
  const answer = await fetch(`${API_URL}/todos`);
  if (!answer.ok) throw new Error(`GET /todos: ${answer.status} ${await answer.text()}`);
  const html = page(await answer.json(), Number(TODO_ID));
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }).end(html);
}

async function askAPI(request, response, path) {
  const { method } = request;
  const body = method === "GET" || method === "HEAD" ? undefined : request;
  const answer = await fetch(API_URL + path, { method, body, duplex: "half" });
  const type = answer.headers.get("content-type");
  response.writeHead(answer.status, type ? { "content-type": type } : {}).end(await answer.text());
}

const server = http.createServer(async (request, response) => {
  const [path] = request.url.split("?");
  try {
    if (path === "/") await showPage(response);
    else if (/^\/todos(\/|$)/.test(path)) await askAPI(request, response, path);
    else response.writeHead(404).end("not found\n");
  } catch (error) {
    const why = `the API at ${API_URL}: ${error.cause?.code ?? error.message}`;
    console.error(`${request.method} ${path}:`, why);
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end(why + "\n");
  }
});

function fail(message) {
  console.error(message);
  process.exit(1);
}

server.on("error", (error) =>
  fail(error.code === "EADDRINUSE" ? `Port ${PORT} is taken. By todo in Docker? Then: miniboss stop todo` : error.message),
);

// The first process of a container ignores signals that it has no handler for.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit());

server.listen(PORT, () => console.log(`the todos are on http://localhost:${PORT}`));
