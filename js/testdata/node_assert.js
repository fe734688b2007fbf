// Assertions, as the other tables: each snippet begins after a line with three dashes.
import assert from "node:assert";
import * as names from "assert";
import strict, { equal } from "node:assert/strict";
// ---
globalThis.said = (f) => { try { f(); console.log("fine"); } catch (e) { console.log(e.name, e.code, e.generatedMessage, e.operator, e.message); } };
console.log(typeof assert, assert.strict === strict, strict.equal === equal, names.ok === assert.ok, names.default === assert);
assert(1); assert.ok("x"); assert.equal(1, "1"); assert.deepEqual({ a: 1 }, { a: "1" }); strict.deepEqual([1, { b: 2 }], [1, { b: 2 }]);
// ---
said(() => assert.strictEqual(1, 2)); said(() => assert.strictEqual("a", "b")); said(() => assert.strictEqual(1, "1")); said(() => assert.strictEqual(NaN, NaN)); said(() => assert.strictEqual(0, -0));
// ---
said(() => assert.equal(1, 2)); said(() => assert.equal(NaN, NaN)); said(() => assert.notEqual(1, "1")); said(() => assert.equal(null, undefined)); said(() => assert.equal({}, {}));
// ---
said(() => assert.strictEqual(1, 2, "my message")); said(() => assert.strictEqual(1, 2, new RangeError("mine"))); said(() => assert.ok(false, "no")); said(() => assert(0, "zero")); said(() => assert.ok());
// ---
said(() => assert.deepStrictEqual({ a: 1 }, { a: 2 })); said(() => assert.deepStrictEqual([1, 2, 3], [1, 2, 4])); said(() => assert.deepStrictEqual({ a: 1, b: { c: [1] } }, { a: 1, b: { c: [2] } }));
// ---
said(() => assert.strictEqual("a longer text", "a longer test")); said(() => assert.strictEqual(1234567, 1234568)); said(() => strict.equal([1], [1])); said(() => assert.strictEqual({ a: 1 }, { a: 2 }));
// ---
said(() => assert.notStrictEqual(1, 1)); said(() => assert.notStrictEqual("long enough", "long enough")); said(() => assert.notDeepStrictEqual({ a: 1 }, { a: 1 })); said(() => assert.notDeepEqual([1], ["1"])); said(() => assert.notDeepEqual([1], [1]));
// ---
said(() => assert.deepEqual({ a: 1 }, { a: 2 })); said(() => assert.deepEqual(1, 2)); said(() => assert.deepEqual(new Map([[1, { a: 1 }]]), new Map([[1, { a: 1 }]]))); said(() => assert.deepEqual(new Set([1]), new Set([2])));
// ---
class A { x = 1; } class B { x = 1; }
said(() => assert.deepEqual(new A(), new B())); said(() => assert.deepStrictEqual(new A(), new A())); said(() => assert.deepStrictEqual(new Date(0), new Date(0))); said(() => assert.deepStrictEqual(/a/g, /a/g)); said(() => assert.deepStrictEqual([1, , 3], [1, , 3]));
said(() => assert.deepStrictEqual(new Error("a"), new Error("a"))); said(() => assert.deepStrictEqual([0], [-0])); said(() => assert.deepEqual([0], [-0])); said(() => assert.deepStrictEqual(Buffer.from("a"), Buffer.from("a")));
// ---
said(() => assert.fail()); said(() => assert.fail("boom")); said(() => assert.fail(new TypeError("own"))); said(() => assert.ifError(null)); said(() => assert.ifError(new Error("bad")));
// ---
const thrower = () => { throw new TypeError("wrong thing"); };
said(() => assert.throws(thrower)); said(() => assert.throws(thrower, TypeError)); said(() => assert.throws(thrower, /wrong/)); said(() => assert.throws(thrower, { name: "TypeError", message: "wrong thing" })); said(() => assert.throws(thrower, { message: /thing$/ })); said(() => assert.throws(thrower, (e) => e instanceof TypeError));
// ---
const thrower = () => { throw new TypeError("wrong thing"); };
said(() => assert.throws(() => {})); said(() => assert.throws(() => {}, TypeError)); said(() => assert.throws(() => {}, "message")); said(() => assert.throws(() => {}, RangeError, "message")); said(() => assert.throws(thrower, /right/)); said(() => assert.throws(thrower, RangeError)); said(() => assert.throws("x"));
// ---
const thrower = () => { throw new TypeError("wrong thing"); };
said(() => assert.doesNotThrow(() => {})); said(() => assert.doesNotThrow(thrower)); said(() => assert.doesNotThrow(thrower, "why")); said(() => assert.throws(thrower, {}));
// ---
const tell = (p) => p.then(() => console.log("fine"), (e) => console.log(e.name, e.code, e.operator, e.message));
await tell(assert.rejects(Promise.reject(new Error("x")))); await tell(assert.rejects(async () => { throw new RangeError("r"); }, RangeError)); await tell(assert.rejects(Promise.resolve(1))); await tell(assert.rejects(async () => {}, TypeError));
await tell(assert.doesNotReject(Promise.resolve(1))); await tell(assert.doesNotReject(Promise.reject(new Error("y")))); await tell(assert.rejects(Promise.reject(new Error("x")), /y/)); await tell(assert.rejects(() => 1));
// ---
said(() => assert.match("abc", /b/)); said(() => assert.match("abc", /x/)); said(() => assert.match(5, /x/)); said(() => assert.doesNotMatch("abc", /b/)); said(() => assert.doesNotMatch("abc", /x/)); said(() => assert.match("a", "a"));
// ---
const e = new assert.AssertionError({ actual: 1, expected: 2, operator: "strictEqual" });
console.log(e instanceof Error, e.name, e.message, e.actual, e.expected, e.operator, e.generatedMessage, e.code, Object.keys(e), String(e));
// ---
said(() => assert.equal(1)); said(() => strict.equal()); said(() => strict.notEqual(1, 1)); said(() => strict.deepEqual({ a: 1 }, { a: "1" }));
