// Paths, as the other tables: each snippet begins after a line with three dashes.
import path from "node:path";
import * as all from "path";
import posix from "node:path/posix";
import { join, sep } from "path/win32";
// ---
console.log(path === path.posix, path.win32.posix === path.posix, posix === path, all.sep, path.delimiter, sep, path.win32.delimiter, join("a", "b"));
// ---
for (const parts of [["a", "b"], ["/a", "..", "b"], ["a", "../..", "b"], ["", ""], [], ["/", "/x/"], ["./a", "./b/"], ["a//b", "c"], ["..", ".."]]) console.log(path.join(...parts), path.posix.normalize(parts.join("/")));
// ---
const home = process.cwd();
for (const parts of [["/a", "b", "../c"], ["/a", "/b"], ["a"], [""], [], ["/a/", ".", ""], ["/.."], ["x/../../y"]]) console.log(path.resolve(...parts).replace(home, "~").replace(path.dirname(home), "^"));
// ---
for (const [a, b] of [["/a/b/c", "/a/d"], ["/a", "/a"], ["/a", "/a/b"], ["/a/b", "/a"], ["/", "/a"], ["/a/bb", "/a/b"], ["a", "b"], ["/x/y", "/"]]) console.log(path.relative(a, b));
// ---
// All paths of a few pieces, in every way of taking them apart.
const pieces = ["", "/", "//", "a", "a.b", ".", "..", ".x", "b.", "c/"];
let lines = [];
for (const x of pieces) for (const y of pieces) {
  await new Promise((done) => setImmediate(done)); // gives way
  for (const z of pieces) {
  const p = x + y + z;
  if (/^\/\.\.\/*$/.test(p)) continue; // where Node's parse finds an extension
  lines.push([p, path.normalize(p), path.dirname(p), path.basename(p), path.extname(p), path.isAbsolute(p), JSON.stringify(path.parse(p)), path.join(x, y, z), path.relative("/a/b", "/" + p)].join(" | "));
}}
console.log([...new Set(lines)].join("\n"));
// ---
const pieces = ["", "\\", "/", "C:", "c:\\", "\\\\srv\\", "a", "a.b", ".", "..", "srv/share"];
let lines = [];
for (const x of pieces) for (const y of pieces) {
  await new Promise((done) => setImmediate(done)); // gives way
  for (const z of pieces) {
  const p = x + y + z;
  const { win32 } = path;
  lines.push([p, win32.normalize(p), win32.dirname(p), win32.basename(p), win32.extname(p), win32.isAbsolute(p), JSON.stringify(win32.parse(p)), win32.join(x, y, z), win32.resolve("C:\\w", x, y, z)].join(" | "));
}}
console.log([...new Set(lines)].join("\n"));
// ---
const { win32 } = path;
for (const [a, b] of [["C:\\a\\b", "C:\\a\\c"], ["C:\\a", "c:\\A"], ["C:\\a", "D:\\b"], ["C:\\a", "C:\\a\\b"], ["C:\\foo\\bar", "C:\\foo"], ["\\\\s\\h\\a", "\\\\s\\h\\b"], ["C:\\", "C:\\x"], ["C:\\x", "C:\\"]]) console.log(win32.relative(a, b));
// ---
console.log(path.basename("/x/a.html", ".html"), path.basename("a.html", "a.html"), path.basename("/x/a.html", "a.html"), path.basename("x/", "x"), path.basename("aa", "a"));
// ---
console.log(path.format({ dir: "/x", base: "y.z" }), path.format({ root: "/", name: "a", ext: "b" }), path.format({ root: "/", base: "f" }), path.format({ name: "n", ext: ".e" }), path.win32.format({ dir: "C:\\x", base: "f" }));
// ---
console.log(path.toNamespacedPath("/a"), path.win32.toNamespacedPath("C:\\a\\b"), path.win32.toNamespacedPath("\\\\s\\h\\x"));
// ---
for (const f of [() => path.join(1), () => path.basename(undefined), () => path.dirname(null), () => path.resolve({}), () => path.parse([]), () => path.format("x"), () => path.basename("a", 1)]) try { f(); } catch (e) { console.log(e.name, e.code, e.message); }
