// @ts-check
// The services of a team that develops a web application: a database, an API that
// keeps todos in it, and an application that shows them.
//
//   miniboss start      then open http://localhost:8080
//   miniboss stop       stops everything; a volume keeps the todos
//   miniboss test       runs the tests in suites.js
//
// To work on the application without building an image, run it outside Docker, at
// the same address. In todo/:
//
//   miniboss start --exclude todo
//   eval "$(miniboss env todo --host)" && npm run dev
import { Service, context, groupName, onReloadService, onStartServices, onStopServices, probe } from "miniboss";

groupName("todo-demo");

const login = "dbuser:dbpwd";

export class Database extends Service {
  name = "appdb";
  image = "miniboss-example-db:dev";
  buildFrom = "database/";
  env = { POSTGRES_USER: "dbuser", POSTGRES_PASSWORD: "dbpwd", POSTGRES_DB: "appdb" };
  volumes = ["appdb-data:/var/lib/postgresql/data"];
  ports = { 5432: 5433 };

  // Called repeatedly until it returns true. Only then does the API start.
  ping() {
    return probe.sql(`postgres://${login}@localhost:5433/appdb`, "select 1");
  }
}

export class Api extends Service {
  name = "api";
  image = "miniboss-example-api:dev";
  buildFrom = "api/";
  env = { DB_URI: `postgres://${login}@appdb:5432/appdb` };
  dependencies = [Database];
  ports = { 3000: 3001 };

  ping() {
    return probe.http("http://localhost:3001/todos");
  }

  // Called when a new container is ready, but not when a stopped one restarts.
  async postStart() {
    const answer = await fetch("http://localhost:3001/todos", {
      method: "POST",
      body: JSON.stringify({ what: "Try miniboss" }),
    });
    if (!answer.ok) throw new Error(`the first todo was not added: ${answer.status} ${await answer.text()}`);
    context.firstTodo = (await answer.json()).id;
  }
}

export class Application extends Service {
  name = "todo";
  image = "miniboss-example-todo:dev";
  buildFrom = "todo/";
  // Evaluated again when the API is ready, so the id is known by then.
  env = { API_URL: "http://api:3000", TODO_ID: context.firstTodo, PORT: 8080 };
  dependencies = [Api];
  ports = { 8080: 8080 };
  stopSignal = "SIGINT";

  ping() {
    return probe.http("http://localhost:8080/");
  }
}

// Everything that it exports counts as exported here.
export * from "./suites.js";

onStartServices((names) => {
  if (names.length > 0) console.log(`started ${names.join(", ")}`);
});
onStopServices((names) => {
  if (names.length > 0) console.log(`stopped ${names.join(", ")}`);
});
onReloadService((name) => console.log(`reloaded ${name}`));
