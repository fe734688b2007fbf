// Files, as the other tables: each snippet begins after a line with three dashes.
import fs from "node:fs";
import * as fsp from "node:fs/promises";
import { readFileSync, existsSync, promises, constants } from "fs";
import { writeFile, readFile } from "fs/promises";
import os from "node:os";
import nodePath from "node:path";
// ---
await writeFile("a.txt", "héllo\n");
console.log(await readFile("a.txt", "utf8"), await readFile("a.txt"), readFileSync("a.txt", { encoding: "base64" }), fs.readFileSync("a.txt", "hex"), fs.readFileSync("a.txt", "latin1"));
console.log((await promises.readFile("a.txt")).toString(), promises === fs.promises, `${fs.readFileSync("a.txt")}`);
// ---
await fsp.appendFile("b.txt", "one\n"); fs.appendFileSync("b.txt", Buffer.from("two\n")); await fsp.writeFile("b.txt", "three\n", { flag: "a" });
console.log(fs.readFileSync("b.txt", "utf8"));
fs.writeFileSync("b.txt", new Uint8Array([104, 105])); console.log(fs.readFileSync("b.txt", "utf-8"));
fs.writeFileSync("b.txt", "aGk=", "base64"); console.log(fs.readFileSync("b.txt", "utf-8"));
try { fs.writeFileSync("b.txt", "x", { flag: "wx" }); } catch (e) { console.log(e.message, e.code); }
// ---
const plain = (s) => s.replace(/no\/pe-\w+/, "no/pe-XXXXXX").replace(process.cwd() + "/", ""); // differs by version
const shown = (e) => console.log(e instanceof Error, e.name, plain(e.message), e.errno, e.code, e.syscall, plain(e.path), e.dest, Object.keys(e));
for (const f of [
  () => fsp.readFile("nope"), () => fsp.stat("nope"), () => fsp.lstat("no/pe"), () => fsp.access("nope"), () => fsp.readdir("nope"),
  () => fsp.unlink("nope"), () => fsp.rmdir("nope"), () => fsp.rename("nope", "x"), () => fsp.copyFile("nope", "x"), () => fsp.chmod("nope", 0o600),
  () => fsp.mkdir("no/pe"), () => fsp.mkdtemp("no/pe-"), () => fsp.readlink("nope"), () => fsp.writeFile("no/pe", ""), () => fsp.appendFile("no/pe", ""),
  () => fsp.realpath("nope"), () => fsp.rm("nope"), () => fsp.symlink("x", "no/pe"),
]) await f().catch(shown);
// ---
const shown = (e) => console.log(e.message.replace(/pe-\w+/, "pe-"), e.errno, e.code, e.syscall, e.path.replace(/pe-\w+/, "pe-"), e.dest);
for (const f of [
  () => fs.readFileSync("nope"), () => fs.statSync("nope"), () => fs.lstatSync("nope"), () => fs.accessSync("nope"), () => fs.readdirSync("nope"),
  () => fs.unlinkSync("nope"), () => fs.rmdirSync("nope"), () => fs.renameSync("nope", "x"), () => fs.copyFileSync("nope", "x"), () => fs.mkdirSync("no/pe"),
  () => fs.writeFileSync("no/pe", ""), () => fs.mkdtempSync("no/pe-"), () => fs.chmodSync("nope", 0o600), () => fs.readlinkSync("nope"),
]) try { f(); } catch (e) { shown(e); }
// ---
await fsp.mkdir("d/e/f", { recursive: true });
console.log(nodePath.relative(".", (await fsp.mkdir("d/x/y", { recursive: true }))), await fsp.mkdir("d/x/y", { recursive: true }), await fsp.mkdir("d/g"), fs.mkdirSync("d/h"));
await fsp.writeFile("d/file", "");
for (const [p, o] of [["d", undefined], ["d/file", { recursive: true }], ["d/file/x", { recursive: true }], ["d/file/x", {}]]) await fsp.mkdir(p, o).catch((e) => console.log(e.code, e.message));
for (const f of [() => fsp.readFile("d"), () => fsp.writeFile("d", ""), () => fsp.rmdir("d"), () => fsp.unlink("d/file").then(() => fsp.rmdir("d/g")), () => fsp.readdir("a.txt"), () => fsp.copyFile("a.txt", "d/nope/x")]) await f().then((v) => console.log("fine", v), (e) => console.log(e.message, e.path));
// ---
fs.mkdirSync("l/b/c", { recursive: true }); for (const f of ["l/z", "l/a", "l/b/y", "l/b/c/x"]) fs.writeFileSync(f, f);
console.log(await fsp.readdir("l"), fs.readdirSync("l/b"), (await fsp.readdir("l", { recursive: true })).sort());
console.log((await fsp.readdir("l", { withFileTypes: true })).map((d) => [d.name, d.isFile(), d.isDirectory(), d.isSymbolicLink()]));
console.log(fs.readdirSync("l", { withFileTypes: true, recursive: true }).map((d) => nodePath.join(d.parentPath, d.name)).sort());
// ---
const s = await fsp.stat("a.txt");
console.log(s.isFile(), s.isDirectory(), s.size, s.mode.toString(8), s.mtime instanceof Date, s.mtimeMs > 1e12, Object.keys(s), s.nlink, s.uid === os.userInfo().uid, s instanceof fs.Stats, s.blksize, s.blocks);
console.log(fs.statSync("nope", { throwIfNoEntry: false }), fs.existsSync("a.txt"), existsSync("nope"), existsSync(), (await fsp.lstat("d")).isDirectory());
// ---
await fsp.chmod("a.txt", 0o600); console.log((fs.statSync("a.txt").mode & 0o777).toString(8)); fs.chmodSync("a.txt", "755"); console.log((fs.statSync("a.txt").mode & 0o777).toString(8));
await fsp.writeFile("m.txt", "", { mode: 0o640 }); console.log((fs.statSync("m.txt").mode & 0o777).toString(8));
console.log(await fsp.access("a.txt"), await fsp.access("a.txt", constants.R_OK | fs.constants.X_OK), fs.constants.F_OK, fsp.constants.W_OK);
// ---
await fsp.symlink("a.txt", "link"); console.log(await fsp.readlink("link"), fs.lstatSync("link").isSymbolicLink(), fs.statSync("link").isFile(), nodePath.basename(fs.realpathSync("link")), nodePath.basename(await fsp.realpath("./link")));
await fsp.symlink("a.txt", "link").catch((e) => console.log(e.message, e.path, e.dest));
// ---
await fsp.rename("m.txt", "n.txt"); await fsp.copyFile("a.txt", "c.txt"); fs.copyFileSync("a.txt", "c.txt");
console.log(existsSync("m.txt"), existsSync("n.txt"), fs.readFileSync("c.txt", "utf8"));
await fsp.copyFile("a.txt", "c.txt", fs.constants.COPYFILE_EXCL).catch((e) => console.log(e.message, e.code));
// ---
await fsp.rm("n.txt"); await fsp.rm("n.txt", { force: true }); await fsp.rm("d", { recursive: true }); fs.rmSync("gone", { recursive: true, force: true });
console.log(existsSync("d"));
await fsp.rm("l").catch((e) => console.log(e.name, e.code, e.message));
try { fs.rmSync("l"); } catch (e) { console.log(e.name, e.code, e.message); }
await fsp.unlink("link"); console.log(existsSync("a.txt"), existsSync("link"));
// ---
await fsp.cp("l", "l2", { recursive: true }); console.log((await fsp.readdir("l2", { recursive: true })).sort(), fs.readFileSync("l2/b/c/x", "utf8"));
await fsp.cp("a.txt", "deep/er/a.txt"); console.log(existsSync("deep/er/a.txt"));
fs.writeFileSync("deep/er/a.txt", "mine"); await fsp.cp("a.txt", "deep/er/a.txt", { force: false }); console.log(fs.readFileSync("deep/er/a.txt", "utf8"));
await fsp.cp("l", "l3", { recursive: true, filter: (from) => !from.endsWith("c") }); console.log((await fsp.readdir("l3", { recursive: true })).sort());
fs.cpSync("l", "l4", { recursive: true, filter: (from, to) => to.startsWith("l4") && !from.includes("y") }); console.log(fs.readdirSync("l4", { recursive: true }).sort());
// ---
for (const f of [() => fsp.cp("l", "l9"), () => fsp.cp("nope", "l9"), () => fsp.cp("a.txt", "c.txt", { force: false, errorOnExist: true })]) await f().then(() => console.log("fine"), (e) => console.log(e.name, e.code));
// ---
const made = await fsp.mkdtemp("tmp-"); console.log(made.length, made.slice(0, 4), fs.statSync(made).isDirectory(), /^t-\w{6}$/.test(nodePath.basename(fs.mkdtempSync("./t-"))));
// ---
for (const f of [() => fs.readFileSync(), () => fs.readFileSync(null), () => fs.writeFileSync("x", undefined), () => fs.writeFileSync("x", { a: 1 }), () => fs.writeFileSync("x", 5), () => fs.readFileSync("a.txt", "nonsense"), () => fs.readFileSync("a\0b"), () => fs.statSync({})]) try { f(); console.log("fine"); } catch (e) { console.log(e.name, e.code, e.message); }
console.log(await fsp.readFile(undefined).catch((e) => e.code), await fsp.writeFile("x").catch((e) => e.code));
// ---
async function* pieces() { yield "one "; yield Buffer.from("two "); yield new Uint8Array([51]); }
await fsp.writeFile("s.txt", pieces()); await fsp.appendFile("s.txt", " end"); console.log(fs.readFileSync("s.txt", "utf8"));
await fsp.writeFile("s.txt", ["a", "b"]); console.log(fs.readFileSync("s.txt", "utf8"));
await fsp.writeFile("s.txt", (async function* () { yield "x"; throw new Error("broken"); })()).catch((e) => console.log(e.message)); console.log(fs.readFileSync("s.txt", "utf8"));
await fsp.writeFile("s.txt", new Response("a body").body); console.log(fs.readFileSync("s.txt", "utf8"));
// ---
await fsp.writeFile(new URL(`file://${process.cwd()}/u%20v.txt`), "url"); console.log(fs.readFileSync("u v.txt", "utf8"), fs.readFileSync(Buffer.from("u v.txt"), "utf8"));
console.log(JSON.parse(fs.readFileSync("u v.txt").length), await fsp.readFile("a.txt", { signal: AbortSignal.abort() }).catch((e) => e.name));
console.log(await Promise.all(["1", "2", "3"].map(async (n) => { await fsp.writeFile(`p${n}`, n.repeat(3)); return fsp.readFile(`p${n}`, "utf8"); })));
// ---
console.log(os.EOL, os.platform(), os.arch(), os.type(), os.homedir(), os.tmpdir(), os.hostname(), os.cpus().length, os.endianness(), os.devNull, os.availableParallelism());
console.log({ ...os.userInfo() }, os.networkInterfaces().lo ?? "none");
// ---
console.log(fs.Stats.name, fs.Dirent.name, typeof fs.promises.readFile, typeof fsp.default.writeFile, fs.readFileSync.name);
