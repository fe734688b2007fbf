// @ts-check
// Tests of the todo application. miniboss starts the services that they need, and
// leaves the services as it found them.
//
//   miniboss test
import { Suite, context } from "miniboss";

const todos = "http://localhost:8080/todos";

export class Todos extends Suite {
  name = "todos";
  services = ["todo"];

  async setUp() {
    context.tested = await send("POST", todos, { what: `Test at ${new Date().toISOString()}` });
  }

  async testCanBeRead() {
    const { what } = await send("GET", `${todos}/${context.tested.id}`);
    if (what !== context.tested.what) throw new Error(`it reads ${what}`);
  }

  async testCanBeFinished() {
    const { done } = await send("PATCH", `${todos}/${context.tested.id}`, { done: true });
    if (!done) throw new Error("it is not done");
  }

  async testNeedsText() {
    const answer = await fetch(todos, { method: "POST", body: JSON.stringify({ what: " " }) });
    if (answer.status !== 400) throw new Error(`an empty todo gave ${answer.status}, not 400`);
  }

  // Called after the suites that depend on this one are done.
  async tearDown() {
    await fetch(`${todos}/${context.tested.id}`, { method: "DELETE" });
    delete context.tested;
  }
}

// A suite with an image runs in a container next to the services, and passes if
// the exit code is 0.
export class Page extends Suite {
  name = "page";
  services = ["todo"];
  dependencies = [Todos]; // runs after these have passed
  image = "miniboss-example-todo:dev";
  cmd = ["node", "check.js", "http://todo:8080/", "{tested.what}"];
}

/** @type {(method: string, url: string, body?: object) => Promise<any>} */
async function send(method, url, body) {
  const answer = await fetch(url, { method, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
