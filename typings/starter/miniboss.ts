// The services of this directory. Every exported class that extends Service is a
// service.
//
//   miniboss start      starts them, each when its dependencies are ready
//   miniboss stop       stops them; --remove also removes the containers
//   miniboss check      only checks this file
import { Service, context, onStartServices, probe, sql } from "miniboss";

// Declares what the services keep on the context, for your editor.
declare module "miniboss" {
  interface Context {
    starts: number;
  }
}

const url = "postgres://postgres:secret@localhost:5433/postgres";

export class Database extends Service {
  name = "db"; // also its hostname for the other services
  image = "postgres:17";
  env = { POSTGRES_PASSWORD: "secret" };
  ports = { 5432: 5433 }; // container port: port on your machine
  volumes = ["db-data:/var/lib/postgresql/data"]; // keeps the data

  // Called repeatedly until it returns true. Only then do the services that
  // depend on this one start.
  ping() {
    return probe.sql(url);
  }

  // Called when a new container is ready: a good place to add data.
  async postStart() {
    const db = sql(url);
    await db.exec("create table if not exists starts (at timestamptz default now())");
    await db.exec("insert into starts default values");
    const rows = await db.query<{ count: number }>("select count(*)::int as count from starts");
    context.starts = rows[0]?.count ?? 0; // other services can use values on the context
    await db.close();
  }
}

export class Admin extends Service {
  name = "admin";
  image = "adminer:5";
  dependencies = [Database];
  env = { ADMINER_DEFAULT_SERVER: "db", STARTS: context.starts };
  ports = { 8080: 8080 };

  ping() {
    return probe.http("http://localhost:8080/");
  }
}

onStartServices((names) => {
  console.log(`started ${names.join(", ") || "nothing new"}`);
  console.log("log in at http://localhost:8080: PostgreSQL, user postgres, password secret");
});
