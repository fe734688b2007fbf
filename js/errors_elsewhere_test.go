package js

// errorCasesElsewhere go on where errorCases ends: what fails in another file,
// after the hook, or outside of JavaScript.
var errorCasesElsewhere = []errorCase{
	{"in an imported file", "miniboss.js", `
import { Service } from "miniboss";
import { seed } from "./lib/seed.js";
export class A extends Service { name = "a"; image = "i"; async postStart() { await null; seed(); } }
-- lib/seed.js --
// a comment
export function seed() {
  const list = [];
  return list[0].§id;
}
`, "TypeError: Cannot read property 'id' of undefined"},
	{"in an imported TypeScript file", "miniboss.ts", `
import { Service } from "miniboss";
import { seed } from "./seed.js";
export class A extends Service { name = "a"; image = "i"; async postStart(): Promise<void> { await seed({ id: 1 }); } }
-- seed.ts --
interface Row { id: number }
type Later<T> = Promise<T>;

export async function seed(row: Row): Later<void> {
  await null;
  throw §new RangeError(` + "`" + `row ${row.id as number}` + "`" + `);
}
`, "RangeError: row 1"},
	{"in an imported file, at load", "miniboss.mjs", `
import { Service } from "miniboss";
import "./first.cjs";
export class A extends Service { name = "a"; image = "i"; }
-- first.cjs --
const nothing = undefined;
module.exports = nothing.§x;
`, "TypeError: Cannot read property 'x' of undefined"},
	{"in a base class of another file", "miniboss.ts", `
import { Base } from "./base";
export class A extends Base { name = "a"; image = "i"; }
-- base.ts --
import { Service } from "miniboss";
export abstract class Base extends Service {
  async postStart(): Promise<void> { await this.seed(); }
  protected async seed(): Promise<never> { throw §new Error("base"); }
}
`, "base"},
	{"JSON that is none", "miniboss.js", `
import { Service } from "miniboss";
import data from "./data.json";
export class A extends Service { name = "a"; image = data; }
-- data.json --
{
  "a": §oops
}
`, `SyntaxError: unexpected "oops" in JSON`},
	{"a syntax error", "miniboss.ts", `
import { Service } from "miniboss";
export class A extends Service { name = "a"; image = = "i"; }`, `SyntaxError: unexpected "="`},
	{"an import that is not there", "miniboss.js", `
import { Service } from "miniboss";
import x from §"./nothing.js";
export class A extends Service { name = "a"; image = x; }`, `there is no file "./nothing.js"`},

	{"in a timer", "", `setTimeout(() => { throw §new Error("timer"); }, 1);`, "timer"},
	{"in a timer, later", "", `const tick = (n) => setTimeout(() => { if (n === 2) [].at(0).§x; else tick(n + 1); }, 1); tick(0);`, "TypeError: Cannot read property 'x' of undefined"},
	{"in an interval", "", `const i = setInterval(() => { clearInterval(i); §nope(); }, 1);`, "ReferenceError: nope is not defined"},
	{"in an async timer", "", `setTimeout(async () => { await null; throw §new Error("async timer"); }, 1);`, "async timer"},
	{"in setImmediate", "", `setImmediate(() => { throw §new Error("immediate"); });`, "immediate"},
	{"in a microtask", "", `queueMicrotask(() => { throw §new Error("microtask"); });`, "microtask"},
	{"a promise that nobody awaited", "", `const later = async () => { await null; throw §new Error("alone"); }; later();`, "alone"},
	{"a rejection that nobody awaited", "", `Promise.reject(§new Error("alone"));`, "alone"},
	{"then without catch", "", `Promise.resolve(1).then((n) => { throw §new Error("then " + n); });`, "then 1"},
	{"fetch that nobody awaited", "", `§fetch("http://127.0.0.1:1/");`, "TypeError: fetch failed: connect 127.0.0.1:1: connection refused"},

	{"fetch that is refused", "", `
const a = 1;
await null;
const b = await §fetch("http://127.0.0.1:1/");
const c = 2;`, "TypeError: fetch failed: connect 127.0.0.1:1: connection refused"},
	{"fetch of a bad URL", "", `await null; await §fetch("nonsense");`, "TypeError: Failed to parse URL from nonsense: TypeError: Invalid URL"},
	{"fetch that is aborted", "", `
const c = new AbortController();
setTimeout(() => c.abort(), 1);
await §fetch("SLOW", { signal: c.signal });`, "AbortError: This operation was aborted"},
	{"fetch that takes too long", "", `
const a = 1;
await §fetch("SLOW", { signal: AbortSignal.timeout(5) });
const c = 2;`, "TimeoutError: The operation was aborted due to timeout"},
	{"fetch in a helper", "miniboss.ts", `
import { Service } from "miniboss";
const get = async (path: string): Promise<unknown> => {
  const answer = await §fetch("http://127.0.0.1:1" + path);
  return answer.json();
};
export class A extends Service { name = "a"; image = "i"; async postStart() { await get("/x"); } }`, "TypeError: fetch failed: connect 127.0.0.1:1: connection refused"},
	{"fetch at load", "miniboss.js", `
import { Service } from "miniboss";
export class A extends Service { name = "a"; image = "i"; }
await §fetch("http://127.0.0.1:1/");`, "TypeError: fetch failed: connect 127.0.0.1:1: connection refused"},
	{"an answer that is no JSON", "", `await null; await new Response("<html>").§json();`, "SyntaxError: Unexpected token '<', \"<html>\" is not valid JSON"},
	{"a body that was read", "", `const r = new Response("x"); await r.text(); await r.§text();`, "TypeError: Body is unusable: Body has already been read"},

	{"sql that is refused", "miniboss.js", `
import { Service, sql } from "miniboss";
export class A extends Service {
  name = "a"; image = "i";
  async postStart() {
    const db = sql("postgres://u:p@127.0.0.1:1/x");
    await db.§query("select 1");
  }
}`, "connect 127.0.0.1:1: connection refused"},
	{"sql of a bad URL", "miniboss.js", `
import { Service, sql } from "miniboss";
export class A extends Service { name = "a"; image = "i"; postStart() { §sql("oracle://x"); } }`, `TypeError: invalid URL "oracle://x": unknown scheme "oracle", use postgres:// or postgresql:// or mysql:// or mariadb://`},
	{"redis that is refused", "miniboss.js", `
import { Service, redis } from "miniboss";
export class A extends Service { name = "a"; image = "i"; async postStart() { await redis("redis://127.0.0.1:1").§command("PING"); } }`, "connect 127.0.0.1:1: connection refused"},
	{"a probe's mistake", "miniboss.js", `
import { Service, probe } from "miniboss";
export class A extends Service { name = "a"; image = "i"; async postStart() { await null; await probe.§http("localhost"); } }`, `TypeError: invalid URL "localhost"`},
	{"a cause of a cause", "", `
const low = async () => { throw new Error("low"); };
const middle = async () => { try { await low(); } catch (cause) { throw new Error("middle", { cause }); } };
try { await middle(); } catch (cause) { throw §new TypeError("high", { cause }); }`, "TypeError: high: middle: low"},
	{"an error of Go as a cause", "", `try { await this.exec("x"); } catch (cause) { throw §new Error("no migration", { cause }); }`, `no migration: service "a" has no container`},

	{"sh that fails", "miniboss.js", `
import { Service, sh } from "miniboss";
export class A extends Service {
  name = "a"; image = "i";
  async postStart() {
    const { stdout } = await §sh("echo no >&2; exit 3");
    console.log(stdout);
  }
}`, "sh: `echo no >&2; exit 3` failed with exit code 3:\nno"},
	{"sh that nobody awaited", "miniboss.ts", `
import { Service, sh } from "miniboss";
export class A extends Service { name = "a"; image = "i"; postStart(): void { §sh(["false"]); } }`, `sh: command not found: "false"`},
	{"a file that is not there", "miniboss.js", `
import { Service } from "miniboss";
import { readFile } from "node:fs/promises";
export class A extends Service { name = "a"; image = "i"; async postStart() { await null; await §readFile("/nobody/knows"); } }`, "ENOENT: no such file or directory, open '/nobody/knows'"},
	{"a file that is not there, at once", "miniboss.js", `
import { Service } from "miniboss";
import { readFileSync } from "node:fs";
export class A extends Service { name = "a"; image = "i"; postStart() { §readFileSync("/nobody/knows"); } }`, "ENOENT: no such file or directory, open '/nobody/knows'"},
	{"dotenv at load", "miniboss.js", `
import { Service, dotenv } from "miniboss";
export class A extends Service { name = "a"; image = "i"; env = §dotenv("/nobody/knows"); }`, "dotenv: there is no file /nobody/knows"},
	{"an assertion", "miniboss.js", `
import { Service } from "miniboss";
import assert from "node:assert";
export class A extends Service { name = "a"; image = "i"; async postStart() { await null; assert.§ok(1 > 2, "not more"); } }`, "AssertionError: not more"},
}
