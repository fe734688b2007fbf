// What only Node's types declare: they come first where they are there.
import fs, { createReadStream } from "fs";
import { Readable } from "node:stream";
import { promisify } from "util";
import { createHash } from "node:crypto";
import path, { type FormatInputPathObject } from "path";
import process, { memoryUsage } from "process";
import assert, { type AssertPredicate } from "assert";

const stream: Readable = createReadStream("a");
fs.watch("a", (event, name) => console.log(event, name));
const read: (path: string) => Promise<Buffer> = promisify(fs.readFile);
const given: FormatInputPathObject = { base: "a" };
const predicate: AssertPredicate = /a/;
export default [stream, read, createHash("sha256"), path.format(given), process.memoryUsage(), memoryUsage, assert.throws(() => {}, predicate)];
