// @ts-check
// What must be fine in JavaScript: no line here has an error.
import { Service, Suite, context, dotless, groupName, log, onReloadService, onStopServices, probe, redis, sleep, sql } from "./names.js";
import process, { cwd } from "node:process";
import { setTimeout as wait } from "timers/promises";
import { fileURLToPath } from "url";
import { format, inspect } from "node:util";
import { Buffer as NodeBuffer } from "buffer";

groupName("uses");

// A base class that is not exported has no name of its own.
class Node extends Service {
  name = "";
  image = "node:22";
  stopSignal = "SIGINT";
  memory = "512m";
}

export class Database extends Service {
  name = "appdb";
  image = "postgres:17";
  env = { POSTGRES_DB: "appdb", WORKERS: 4, DEBUG: true, EMPTY: null, HOME: process.env.HOME, ID: context.user.id, URL: `http://x/${context.port}` };
  ports = { 5432: 5433, "53/udp": "127.0.0.1:53", 8080: 0 };
  volumes = ["data:/data", "./conf:/etc/app:ro", "/cache"];
  stopSignal = "SIGQUIT";
  restart = "on-failure:3";
  cpus = 1.5;
  extraHosts = { "host.docker.internal": "host-gateway" };
  tmpfs = ["/tmp"];
  tty = true;
  networkMode = "bridge";
  capDrop = ["ALL"];
  ulimits = { nofile: 1024, nproc: { soft: 10, hard: -1 } };
  dependencies = [];
  mine = { a: [1, 2] }; // a field of the user's own

  ping() {
    return probe.sql("postgres://localhost/appdb", "select 1");
  }
  preStart() {}
  async postStart() {
    const db = sql(new URL("postgres://localhost/appdb"));
    const [row] = await db.query("select * from users where id = $1", [1]);
    context.user = row.whatever;
    const { rowCount } = await db.exec("delete from users");
    context.count = rowCount + 1;
    await db.close();
    await redis("redis://localhost").command("SET", "a", 1);
    const { exitCode, stdout } = await this.exec(["ls"], { env: { A: 1 }, user: "root", workingDir: "/", stdin: "x" });
    if (exitCode !== 0) throw new Error(stdout.trim(), { cause: this.mine.a[0] });
    const text = await this.logs({ tail: 20, since: new Date(), timestamps: true });
    const port = this.hostPort("53/udp");
    const { State, NetworkSettings } = await this.inspect();
    log.info(text.length, port.toFixed(), State.Health?.Status, NetworkSettings.Ports["5432/tcp"]?.[0]?.HostPort);
  }
  configure(request) {
    request.HostConfig.ReadonlyRootfs = true;
    request.Config.Healthcheck = { Test: ["CMD", "true"], Interval: 1e9 };
  }
}

export class Api extends Node {
  name = "api";
  dependencies = [Database, "cache"];
  cmd = ["node", "server.js", 80];
  entrypoint = "sh -c";
  volumes = { "./src": { bind: "/app", mode: "ro" }, cache: { bind: "/cache" } };
  labels = { a: 1 };
  get env() {
    return { TOKEN: context.token };
  }
  get ports() {
    return { 80: this.webPort };
  }
  get webPort() {
    return 8080;
  }
  async ping() {
    return (await probe.http(`http://localhost:${this.webPort}`, { status: [200, 204], method: "HEAD", headers: { a: "b" }, timeout: 500 }))
      && (await probe.tcp("localhost:80"))
      && (await probe.exec(this, "true"))
      && (await probe.log(Database, /ready/))
      && probe.healthy("appdb");
  }
}

// Services made in a loop.
export const workers = ["a", "b"].map((letter) => class extends Service {
  name = `worker-${letter}`;
  image = "worker:dev";
  dependencies = [Api];
  oneShot = true;
  preStop = async () => {};
});

export class Tests extends Suite {
  name = "tests";
  services = [Api, "appdb"];
  timeout = 30;
  user = { name: "mia" };
  token = "";
  async setUp() {
    this.token = (await sql("postgres://localhost").query("select 1 as id"))[0].id;
  }
  testNothing() {}
  async testUser() {
    if (this.user.name !== context.user.name + this.token) throw new Error("another user");
  }
  tearDown() {}
}

export class Browser extends Suite {
  name = "browser";
  image = "mcr.microsoft.com/playwright:v1.56.0";
  dependencies = [Tests, "smoke"];
  get env() { return { URL: "http://api:8080", TOKEN: context.token }; }
  cmd = "npx playwright test";
  volumes = ["./e2e:/e2e"];
  workingDir = "/e2e";
  user = "1000";
}

onStopServices((names) => names.join().length);
onReloadService(async (name) => { await sleep(name.length); });

export async function globals() {
  const answer = await fetch("http://localhost/", { method: "POST", body: JSON.stringify({}), headers: [["a", "b"]], signal: AbortSignal.timeout(1000) });
  context.first = (await answer.json()).id;
  if (!answer.ok) throw new Error(`${answer.status} ${answer.headers.get("location")} ${await answer.text()}`);
  for await (const bytes of (await fetch(new Request("http://localhost/"))).body ?? []) console.log(bytes.length);
  const form = new FormData();
  form.append("file", new Blob(["text"]), "file.txt");
  await fetch("http://localhost/", { method: "POST", body: form, redirect: "manual" });
  const url = new URL("/path?a=b", "http://localhost");
  for (const [name, value] of url.searchParams) console.warn(name, value);
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 1000);
  clearTimeout(timer);
  setInterval((/** @type {number} */ a) => a, 10, 1);
  queueMicrotask(() => {});
  controller.signal.addEventListener("abort", (event) => event.type);
  const id = crypto.randomUUID().length + performance.now();
  const bytes = new TextEncoder().encode(new TextDecoder().decode(new Uint8Array(3)));
  const base64 = Buffer.from(bytes).toString("base64") + btoa(atob("")) + NodeBuffer.alloc(3).readUInt8(0);
  await wait(10);
  if (process.platform === "linux" && cwd() === process.cwd()) process.nextTick(() => {});
  return structuredClone({ id, base64, text: format("%s", inspect(fileURLToPath("file:///x"))), ok: Response.json({}).ok, dotless });
}
