
// The modules that are a single value in Node's types. If those types are there and
// the compiler checks libraries too, having both would be an error, so miniboss
// leaves out the following declarations.

declare module "path" {
  import path = require("node:path");
  export default path;
  export const basename: typeof path.basename;
  export const delimiter: typeof path.delimiter;
  export const dirname: typeof path.dirname;
  export const extname: typeof path.extname;
  export const format: typeof path.format;
  export const isAbsolute: typeof path.isAbsolute;
  export const join: typeof path.join;
  export const normalize: typeof path.normalize;
  export const parse: typeof path.parse;
  export const posix: typeof path.posix;
  export const relative: typeof path.relative;
  export const resolve: typeof path.resolve;
  export const sep: typeof path.sep;
  export const toNamespacedPath: typeof path.toNamespacedPath;
  export const win32: typeof path.win32;
  export type ParsedPath = path.ParsedPath;
  export type PlatformPath = path.PlatformPath;
}
declare module "path/posix" {
  export * from "path";
  export { posix as default } from "path";
}
declare module "path/win32" {
  export * from "path";
  export { win32 as default } from "path";
}
declare module "assert" {
  import assert = require("node:assert");
  export default assert;
  export import AssertionError = assert.AssertionError;
  export import deepEqual = assert.deepEqual;
  export import deepStrictEqual = assert.deepStrictEqual;
  export import doesNotMatch = assert.doesNotMatch;
  export import doesNotReject = assert.doesNotReject;
  export import doesNotThrow = assert.doesNotThrow;
  export import equal = assert.equal;
  export import fail = assert.fail;
  export import ifError = assert.ifError;
  export import match = assert.match;
  export import notDeepEqual = assert.notDeepEqual;
  export import notDeepStrictEqual = assert.notDeepStrictEqual;
  export import notEqual = assert.notEqual;
  export import notStrictEqual = assert.notStrictEqual;
  export import ok = assert.ok;
  export import rejects = assert.rejects;
  export import strict = assert.strict;
  export import strictEqual = assert.strictEqual;
  export import throws = assert.throws;
}
declare module "assert/strict" {
  export * from "assert";
  export { strict as default } from "assert";
}
declare module "process" {
  export default process;
  export const arch: typeof process.arch;
  export const argv: typeof process.argv;
  export const cwd: typeof process.cwd;
  export const env: typeof process.env;
  export const hrtime: typeof process.hrtime;
  export const nextTick: typeof process.nextTick;
  export const pid: typeof process.pid;
  export const platform: typeof process.platform;
  export const uptime: typeof process.uptime;
  export const version: typeof process.version;
  export const versions: typeof process.versions;
}
