// What must be fine in TypeScript: no line here has an error.
import miniboss, { Service, Suite, context, probe, sql } from "miniboss";
import type { Context, CreateRequest, Env, StopSignal } from "miniboss";
import { setTimeout } from "node:timers/promises";

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
