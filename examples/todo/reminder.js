// Answers with one todo, the one whose id is in TODO_ID.
const http = require("node:http");
const stopOnSignal = require("./stop.js");

const { TODO_URL, TODO_ID } = process.env;

async function reminder() {
  const found = await fetch(`${TODO_URL}/todos/${TODO_ID}`);
  if (found.status === 404) return `Todo ${TODO_ID} is gone.\n`;
  const { what, done } = await found.json();
  return done ? `Done: ${what}\n` : `Do not forget: ${what}\n`;
}

const server = http.createServer(async (_request, response) => {
  response.setHeader("content-type", "text/plain; charset=utf-8");
  try {
    response.end(await reminder());
  } catch (error) {
    response.writeHead(502).end(`${TODO_URL} does not answer: ${error.message}\n`);
  }
});

stopOnSignal(server);
server.listen(8080, () => console.log(`reminding of todo ${TODO_ID}`));
