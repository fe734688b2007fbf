// What must be fine in TypeScript: no line here has an error.
import miniboss, { Service, Suite, context, probe, sql } from "miniboss";
import type { Context, CreateRequest, Env, StopSignal } from "miniboss";
import { setTimeout } from "node:timers/promises";
import assert from "node:assert/strict";
import fs from "node:fs";
import { cp, mkdir, readFile, readdir, writeFile } from "fs/promises";
import os from "node:os";
import path, { join } from "node:path";
import { dotenv, sh } from "miniboss";

declare module "miniboss" {
  interface Context {
    /** The id of the first todo. */
    firstTodo: number;
  }
}

abstract class Base extends Service {
  image = "node:22";
  abstract readonly webPort: number;
}

export class Database extends Service {
  name = "appdb";
  image = "postgres:17";
  ports = { 5432: 5433 } as const;
  stopSignal: StopSignal = "SIGINT";
  override restart = "always";
  override async ping(): Promise<boolean> {
    return probe.tcp(`localhost:${this.ports[5432]}`);
  }
  override async postStart(): Promise<void> {
    const rows = await sql("postgres://localhost").query<{ id: number }>("select id from todo");
    context.firstTodo = rows[0]?.id ?? 0;
    const id: number = context.firstTodo;
    context.anything = id;
    await setTimeout(10);
  }
}

export default class Api extends Base {
  readonly name = "api";
  readonly webPort = 8080;
  dependencies = [Database];
  override get env(): Env {
    return { ID: context.firstTodo };
  }
  configure(request: CreateRequest): CreateRequest {
    return { ...request, Platform: "linux/arm64" };
  }
}

export class Smoke extends Suite {
  readonly name = "smoke";
  override services = [Api, Database];
  private base?: string;
  override async setUp(): Promise<void> {
    this.base = `http://localhost:${await Promise.resolve(8080)}`;
  }
  async testHealth(): Promise<void> {
    if (!(await probe.http(`${this.base}/health`))) throw new Error("not healthy");
  }
}
export class Later extends Suite {
  name = "later";
  override dependencies = [Smoke];
  testIt(): void {}
}

export const keep = (c: Context): number => c.firstTodo + Object.keys(miniboss).length;

export async function prepare(): Promise<string> {
  const { exitCode, stdout } = await sh(["git", "status"], { cwd: "..", env: { A: 1, B: null }, timeout: 5000, check: false, input: "x" });
  assert.equal(exitCode, 0);
  assert.match(stdout, /clean/);
  await assert.rejects(sh("false"), /exit code 1/);
  const dir: string = join(os.tmpdir(), path.basename("/a/b.txt", ".txt"));
  await mkdir(dir, { recursive: true });
  const answer = await fetch("http://localhost/file");
  if (answer.body) await writeFile(join(dir, "file"), answer.body);
  await cp("conf", dir, { recursive: true, filter: async (from) => !from.endsWith(".bak") });
  for (const entry of await readdir(dir, { withFileTypes: true })) if (entry.isFile()) fs.chmodSync(path.win32.join(dir, entry.name), 0o600);
  const text: string = await readFile(join(dir, "file"), "utf8");
  const size: number = fs.statSync(dir).size + (await readFile(dir)).length + os.cpus().length;
  const env: Record<string, string> = dotenv(".env");
  return fs.existsSync(dir) ? text + size : env.A ?? "";
}
