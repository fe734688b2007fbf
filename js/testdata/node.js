// Snippets that must print the same under Node and under miniboss. Each begins
// after a line with three dashes.
// ---
console.log("text", 1, -0, 1n, true, null, undefined, Symbol("s"));
// ---
console.log({ a: 1, b: "x", c: null, d: undefined, "e-f": 1, 3: 4 });
// ---
console.log([1, "two", [3, [4, [5, [6]]]]], { a: { b: { c: { d: 1 } } } });
// ---
console.log([], {}, [[]], [{}], { a: [] });
// ---
console.log(new Map([["a", 1], [{ k: 1 }, [2]]]), new Set([1, "b", {}]), new Map(), new Set());
// ---
console.log([1, , 3, , ,], new Array(5), [undefined, null]);
// ---
console.log(Array.from({ length: 120 }, (_, i) => i));
// ---
console.log(Array.from({ length: 30 }, (_, i) => "item " + i));
// ---
console.log(Array.from({ length: 7 }, (_, i) => "x".repeat(i * 3)));
// ---
console.log({ name: "a long object", of: "several properties", that: "do not fit", on: "one line", of2: "the terminal" });
// ---
console.log({ a: "x".repeat(60) }, { a: "x".repeat(80), b: 1 });
// ---
console.log({ text: "several\nlines", quote: "it's", both: `it's "so"`, tick: `'"\``, tab: "\t\x01" });
// ---
console.log(["it's", 'say "x"'], "it's");
// ---
class Foo { a = 1; #b = 2; get c() { return 3; } }
class Bar extends Foo { b = new Foo(); }
console.log(new Foo(), new Bar(), Foo, Bar, class {});
// ---
console.log(function f() {}, () => {}, async () => {}, function* g() {}, async function h() {}, Math.max);
// ---
const a = { name: "a" }; a.self = a; a.list = [a, { a }];
console.log(a);
// ---
console.log(Object.create(null), Object.create({ a: 1 }), Object.assign(Object.create(null), { x: 1 }));
// ---
console.log({ get a() { return 1; }, set b(v) {}, get c() { return 1; }, set c(v) {} });
// ---
console.log(new Date(0), [new Date(86400000)], new Date(NaN), /x\d/gi, { r: /a/ });
// ---
console.log({ [Symbol("k")]: 1, [Symbol.iterator]: 2 });
// ---
console.log(new Uint8Array([1, 2, 3]), new Float64Array(2), new ArrayBuffer(4));
// ---
console.log(Promise.resolve(4), Promise.reject(new Error("x")).catch(() => {}) && 1, new Promise(() => {}));
// ---
console.log(new Number(3), new String("abc"), new Boolean(false), Object(Symbol("q")) && 1);
// ---
console.log(new WeakMap(), new WeakSet());
// ---
console.log("%s is %d years and %i, %f, %j %o %%", "Bob", 42, 42.9, 1.5, { a: 1 }, [1], "extra", { b: 2 });
// ---
console.log("%s", { a: { b: 1 } }, "%s", [1, [2, [3]]], "100%", "%c styled", "css");
// ---
console.log("%d", "abc", "%d %s");
// ---
console.log(-0, [-0], 0, 1e21, 1e-7, NaN, Infinity, 0.1 + 0.2, 123456789012345680000);
// ---
console.log([1.5, -2, 3e50], [10n, 2n]);
// ---
console.log({ f() {}, g: () => 1, h: class A {} });
// ---
console.log([["a", 1], ["b", 2]], [{ a: 1, b: 2 }, { a: 3, b: 4 }]);
// ---
console.log({ a: { b: { c: {} } } }, { a: { b: { c: [] } } }, { a: { b: { c: [1] } } }, { a: { b: { c: new Map([[1, 2]]) } } });
// ---
console.log(Object.assign(() => {}, { a: 1 }), Object.assign(function named() {}, { b: [1] }));
// ---
console.log([new Error("boom")].map((e) => e.message), String(new TypeError("t")));
// ---
console.log("a\nb", ["a\nb"], { k: "line one of a long text that goes on\nline two of a long text that goes on and on" });
// ---
console.log(Object.freeze([1, 2]), Object.freeze({ a: 1 }));
// ---
console.log((function () { return arguments; })(1, 2));
// ---
console.log({ a: 1n, b: Symbol("x"), c: [Symbol.for("y")] });
// ---
console.log([..."héllo wörld"], { "ключ": "значение" });
// ---
console.log({ id: 17, tags: ["a", "b"], owner: { name: "Ann", mail: "ann@example.com", roles: ["admin", "dev"] }, created: new Date(0) });
// ---
console.log([{ id: 1, name: "first todo of the list", done: false }, { id: 2, name: "second todo of the list", done: true }]);
// ---
console.log(new Map([["config", { host: "localhost", port: 5432, options: { ssl: false, timeout: 30000 } }]]));
// ---
console.error("to stderr"); console.info("i"); console.debug("d"); console.warn("w");
// ---
console.group("group"); console.log("in\nside"); console.group(); console.log({ a: 1 }); console.groupEnd(); console.groupEnd(); console.log("out");
// ---
console.count(); console.count("x"); console.count(); console.countReset(); console.count();
// ---
console.assert(true, "no"); console.assert(false, "yes %d", 1); console.assert(false);
// ---
console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 }); console.dir({ a: { b: { c: { d: 1 } } } }, { depth: null });
// ---
const order = [];
setTimeout(() => order.push("timeout 0"), 0);
setTimeout(() => order.push("timeout 5"), 5);
setTimeout(() => order.push("timeout 1"), 1);
queueMicrotask(() => order.push("micro"));
Promise.resolve().then(() => order.push("then"));
process.nextTick(() => {});
order.push("sync");
await new Promise((r) => setTimeout(r, 15));
console.log(order);
// ---
let n = 0;
await new Promise((r) => { const t = setInterval((x) => { n += x; if (n === 6) { clearInterval(t); r(); } }, 1, 2); });
const never = setTimeout(() => console.log("never"), 1);
clearTimeout(never); clearTimeout(undefined); clearTimeout(12345678);
await new Promise((r) => setTimeout(r, 5));
console.log(n);
// ---
try { setTimeout("x"); } catch (e) { console.log(e instanceof TypeError); }
// ---
const c = structuredClone({ d: new Date(0), m: new Map([[1, new Set([2])]]), r: /x/g, a: [1, , 3], u: new Uint8Array([1, 2]), e: new RangeError("r"), n: null, b: 1n });
console.log(c.d, c.m, c.r, c.a, c.u, c.e instanceof RangeError, c.e.message, c.n, c.b);
const loop = {}; loop.loop = loop; const loop2 = structuredClone(loop); console.log(loop2.loop === loop2, loop2 !== loop);
try { structuredClone(() => {}); } catch (e) { console.log(e.name, e.code); }
// ---
console.log(new URL("https://user:pw@example.com:8080/a/b?x=1&y=2#h").host, new URL("../c", "http://a.b/x/y").href);
// ---
const u = new URL("http://h/p?a=1&a=2"); u.searchParams.append("b", "ä &"); u.port = "81"; console.log(u.href, u.searchParams.getAll("a"), [...u.searchParams.keys()]);
try { new URL("nonsense"); } catch (e) { console.log(e instanceof TypeError, e.code); }
// ---
console.log(new URLSearchParams({ a: "1", b: "x y" }).toString(), new URLSearchParams("?q=%20z").get("q"), new URLSearchParams([["k", "v"]]).has("k"));
// ---
console.log(Buffer.from("héllo").toString("base64"), Buffer.from("aGk=", "base64").toString(), Buffer.from([1, 2, 255]).toString("hex"), Buffer.concat([Buffer.from("a"), Buffer.from("b")]).toString());
// ---
console.log(Buffer.from("abc"), Buffer.alloc(3).length, Buffer.byteLength("ä"), Buffer.isBuffer(Buffer.from("")));
// ---
console.log(new TextEncoder().encode("aä€😀"), new TextDecoder().decode(new Uint8Array([0xe2, 0x82, 0xac])), new TextDecoder().encoding);
// ---
const d = new TextDecoder(); console.log(d.decode(new Uint8Array([0xe2, 0x82]), { stream: true }) + d.decode(new Uint8Array([0xac, 65])));
try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255])); } catch (e) { console.log(e.name); }
console.log(new TextDecoder().decode(new Uint8Array([255, 65])), new TextDecoder("latin1").decode(new Uint8Array([228])));
// ---
console.log(btoa("hi\xff"), atob("aGk="), atob(" aGk "));
try { btoa("€"); } catch (e) { console.log(e.name, e.code); }
try { atob("a"); } catch (e) { console.log(e.name); }
// ---
console.log(typeof performance.now(), performance.now() <= performance.now(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()));
console.log(crypto.getRandomValues(new Uint8Array(4)).length, crypto.randomUUID() !== crypto.randomUUID());
// ---
console.log(process.platform, process.cwd() === process.cwd(), process.env.NOT_THERE, typeof process.env.PATH, process.arch);
// ---
async function* gen() { yield 1; yield 2; }
const got = []; for await (const x of gen()) got.push(x); for await (const x of [Promise.resolve(3)]) got.push(x);
console.log(got);
// ---
const e = new Error("outer", { cause: new TypeError("inner") });
console.log(e.cause.message, e.cause instanceof TypeError, new AggregateError([1], "m").errors);
// ---
console.log(Object.groupBy ? "yes" : "no", [3, 1, 2].toSorted(), "a-b".replaceAll("-", "+"), [1, 2, 3].at(-1), Object.fromEntries([["a", 1]]));
// ---
label: for (const i of [1, 2, 3]) { for (;;) { if (i === 2) break label; continue label; } }
console.log(((a, b = 2, ...rest) => [a, b, rest])(1, undefined, 3, 4), { ...{ a: 1 }, b: 2 }, null ?? "d", undefined?.x);
// ---
import { setTimeout as wait } from "node:timers/promises";
console.log(await wait(1, "value"));
// ---
import { fileURLToPath, pathToFileURL } from "node:url";
console.log(fileURLToPath("file:///a%20b/c.js"), pathToFileURL("/x y/z#1.js").href);
// ---
import { inspect, format, promisify, isDeepStrictEqual } from "util";
console.log(inspect({ a: { b: { c: { d: 1 } } } }, { depth: 0 }), format("%s=%d", "x", 1), await promisify((x, cb) => cb(null, x + 1))(1));
console.log(isDeepStrictEqual({ a: [1, new Date(0)] }, { a: [1, new Date(0)] }), isDeepStrictEqual([1], ["1"]), isDeepStrictEqual(new Set([{ a: 1 }]), new Set([{ a: 1 }])));
// ---
console.log(inspect("a'b"), inspect([1, 2, { a: 1 }]), inspect(new Proxy({ a: 1 }, {})), inspect({ [inspect.custom]() { return "custom!"; } }));
// ---
console.log(new URL("http://a.b/c?d=e"), new URLSearchParams("a=b&c=d"), { u: [new URL("http://x/")] }, URL.canParse("x"));
// ---
for (let n = 7; n < 40; n += 3) console.log(Array.from({ length: n }, (_, i) => "x".repeat((i * 7) % 5)));
// ---
console.log({ a: [1, 2, { b: [3, { c: 4 }] }], d: "e".repeat(30), f: { g: "h".repeat(30) } });
// ---
import * as nodeCrypto from "node:crypto";
console.log(nodeCrypto.randomBytes(5).length, nodeCrypto.randomUUID().length, nodeCrypto.randomInt(3) < 3, nodeCrypto.randomInt(5, 6), nodeCrypto.webcrypto.getRandomValues(new Uint8Array(3)).length);
// ---
try { new URL("x", "y"); } catch (e) { console.log(e.name, e.message, e.code, e.input, e.base); }
// ---
for (const [url, base] of [["n.txt", "file:///a/b/c.js"], ["./n", "http://h/b/c"], ["../n", "http://h/a/b/c?x#y"], ["/n", "http://h/b/c"], ["?q=1", "http://h/b/c?x"], ["#f", "http://h/b/c?x"], ["//other/x", "https://h/y"], ["http://abs/", "http://h/b"], ["", "http://h/b/c?x#y"], ["../../../x", "http://h/a/b"], ["a/./b/../c", "http://h/d/"], ["x", new URL("http://u:p@h:81/a/b")]]) console.log(new URL(url, base).href);
// ---
console.log(["latin1", "binary", "ascii", "utf16le", "ucs2", "hex", "base64", "base64url", "UTF8"].map((e) => [e, Buffer.from("hé?>~", "utf8").toString(e), Buffer.from(Buffer.from("hé?>~").toString(e), e).toString("hex")]));
console.log(Buffer.isEncoding("utf-8"), Buffer.isEncoding("x"), Buffer.from("abcdef").toString("utf8", 1, 3), Buffer.from([1, 2, 3]).map((x) => x * 2).length);
try { Buffer.from("x", "nope"); } catch (e) { console.log(e.name, e.code, e.message); }
// ---
console.log({} instanceof URL, new URL("http://a/") instanceof URL, new URLSearchParams("a=1") instanceof URLSearchParams);
