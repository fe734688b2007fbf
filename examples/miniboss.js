// @ts-check
// A database, an application that keeps its todos there, and a service that
// reminds of one of them.
//
//   miniboss start      then open http://localhost:8080
//   miniboss stop       the todos stay, in a volume
//   miniboss test       runs the tests in suites.js
import { Service, context, groupName, onReloadService, onStartServices, onStopServices, probe } from "miniboss";

groupName("todo-demo");

const login = "dbuser:dbpwd";

export class Database extends Service {
  name = "appdb";
  image = "miniboss-example-db:1";
  buildFrom = "database/";
  env = { POSTGRES_USER: "dbuser", POSTGRES_PASSWORD: "dbpwd", POSTGRES_DB: "appdb" };
  volumes = ["appdb-data:/var/lib/postgresql/data"];
  ports = { 5432: 5433 };

  // Asked again and again until it is true. Only then does the application start.
  ping() {
    return probe.sql(`postgres://${login}@localhost:5433/appdb`, "select 1");
  }
}

export class Application extends Service {
  name = "todo";
  image = "miniboss-example-todo:1";
  buildFrom = "todo/";
  env = { DB_URI: `postgres://${login}@appdb:5432/appdb` };
  dependencies = [Database];
  ports = { 8080: 8080 };
  stopSignal = "SIGINT";

  ping() {
    return probe.http("http://localhost:8080/health");
  }

  // Called when a new container is ready, not when a stopped one starts again.
  async postStart() {
    const answer = await fetch("http://localhost:8080/todos", {
      method: "POST",
      body: JSON.stringify({ what: "Try miniboss" }),
    });
    if (!answer.ok) throw new Error(`the first todo was not added: ${answer.status} ${await answer.text()}`);
    context.firstTodo = (await answer.json()).id;
  }
}

export class Reminder extends Service {
  name = "reminder";
  image = "miniboss-example-todo:1"; // the one that the application builds
  cmd = "node reminder.js";
  // Its turn comes when the application is ready, so the id is known by then.
  env = { TODO_URL: "http://todo:8080", TODO_ID: context.firstTodo };
  dependencies = [Application];
  ports = { 8080: 8081 };
  stopSignal = "SIGINT";

  ping() {
    return probe.http("http://localhost:8081/");
  }
}

// What it exports counts as exported here.
export * from "./suites.js";

onStartServices((names) => console.log(`started ${names.join(", ")}`));
onStopServices((names) => console.log(`stopped ${names.join(", ")}`));
onReloadService((name) => console.log(`reloaded ${name}`));
