// The modules of Node with and without "node:", what a file knows of its place,
// and text: no line here has an error, whosever types are there.
import assert, { AssertionError, deepEqual } from "assert";
import same, { equal } from "assert/strict";
import { Buffer as Bytes } from "buffer";
import crypto, { randomUUID } from "crypto";
import fs, { readFileSync, type Stats } from "fs";
import * as files from "fs/promises";
import os, { EOL } from "os";
import path, { join, type ParsedPath } from "path";
import posix from "path/posix";
import win32 from "path/win32";
import { performance as clock } from "perf_hooks";
import program, { env } from "process";
import { setTimeout as later } from "timers";
import { setTimeout as sleep } from "timers/promises";
import url, { fileURLToPath } from "url";
import { format, inspect } from "util";
import nodeFs from "node:fs";
import nodePath from "node:path";
import readme from "./readme.txt";
import seed from "../db/seed.sql";

const text: string = readme + seed.trim();
const place: string[] = [import.meta.url, import.meta.dirname, import.meta.filename, __dirname, __filename];
const parts: ParsedPath = path.parse(join(import.meta.dirname, "a"));
const stats: Stats = fs.statSync(fileURLToPath(import.meta.url));
const content: string = readFileSync(nodePath.join(__dirname, "a"), "utf8") + nodeFs.readFileSync("b", "utf8");

export async function uses(): Promise<unknown[]> {
  assert(text);
  assert.equal(1, 1);
  deepEqual([], []);
  same.equal(1, 1);
  equal(stats.size, 1);
  later(() => {}, 1);
  await sleep(10);
  const read: string = await files.readFile("a", "utf8");
  return [
    read, content, parts.dir, place, AssertionError, Bytes.from("a"), crypto.randomUUID(), randomUUID(), os.hostname(), EOL, posix.sep,
    win32.join("a"), clock.now(), program.cwd(), env.HOME, url.pathToFileURL("/a").href, format("%s", 1), inspect({}),
  ];
}
