(function (native, exports, global) {
  "use strict";

  const inspect = (v) => native.inspect(v, { compact: false, depth: 1000, maxArrayLength: Infinity, breakLength: Infinity, sorted: true });
  const isObject = (v) => typeof v === "object" && v !== null;
  const isThing = (v) => isObject(v) || typeof v === "function";

  const sentences = {
    deepStrictEqual: "Expected values to be strictly deep-equal:",
    strictEqual: "Expected values to be strictly equal:",
    strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
    deepEqual: "Expected values to be loosely deep-equal:",
    notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
    notStrictEqual: 'Expected "actual" to be strictly unequal to:',
    notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
    notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
    notIdentical: "Values have same structure but are not reference-equal:",
    notDeepEqualUnequal: "Expected values not to be loosely deep-equal:",
  };

  // changes lists lines with "  ", "+ " or "- " before them: the longest lines
  // in common stay, unless the texts are too long to look for them.
  const same = (a, b) => a === b || a === `${b},` || b === `${a},`;
  const changes = (actual, expected) => {
    const [n, m] = [actual.length, expected.length];
    if (n * m > 1e6) return [...actual.map((l) => `+ ${l}`), ...expected.map((l) => `- ${l}`)];
    const common = Array.from({ length: n + 1 }, () => new Uint32Array(m + 1));
    for (let i = n - 1; i >= 0; i--) {
      for (let j = m - 1; j >= 0; j--) {
        common[i][j] = same(actual[i], expected[j]) ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    const out = [];
    let removed = [];
    for (let i = 0, j = 0; i < n || j < m;) {
      if (i < n && j < m && same(actual[i], expected[j])) {
        out.push(...removed, `  ${actual[i].length > expected[j].length ? actual[i] : expected[j]}`);
        removed = [];
        i++;
        j++;
      } else if (i < n && (j >= m || common[i + 1][j] >= common[i][j + 1])) {
        out.push(`+ ${actual[i++]}`);
      } else {
        removed.push(`- ${expected[j++]}`);
      }
    }
    return [...out, ...removed];
  };
  // Of what is the same, two lines around a change are shown.
  const shortened = (lines) => {
    const near = (i) => lines.slice(Math.max(0, i - 2), i + 3).some((l) => l[0] !== " ");
    const out = [];
    let skipped = false;
    for (let i = 0; i < lines.length; i++) {
      if (near(i) || lines.length < 12) out.push(lines[i]);
      else if (out.at(-1) !== "...") {
        out.push("...");
        skipped = true;
      }
    }
    return { out, skipped };
  };
  const difference = (actual, expected, operator, message) => {
    if (operator === "strictEqual" && (isObject(actual) && isObject(expected) || typeof actual === "function" && typeof expected === "function")) {
      operator = "strictEqualObject";
    }
    const [a, b] = [inspect(actual), inspect(expected)];
    const says = message ?? sentences[operator];
    if (a === b) return `${message ?? sentences.notIdentical}\n\n${a}\n`;
    let mark = "";
    if (!a.includes("\n") && !b.includes("\n")) {
      if (a.length + b.length <= 12) {
        if (!isObject(actual) && !isObject(expected) && (actual !== 0 || expected !== 0)) return `${says}\n\n${a} !== ${b}\n`;
      } else if (operator !== "strictEqualObject" && a.length + b.length < 80) {
        let i = 0;
        while (a[i] === b[i]) i++;
        if (i > 2) mark = `\n  ${" ".repeat(i)}^`;
      }
    }
    const { out, skipped } = shortened(changes(a.split("\n"), b.split("\n")));
    return `${says}\n+ actual - expected${skipped ? " ... Lines skipped" : ""}\n\n${out.join("\n")}${mark}`;
  };
  const long = (text, most) => (text.length > most ? `${text.slice(0, most - 3)}...` : text);
  const messageOf = ({ actual, expected, operator, message }) => {
    if (operator === "deepStrictEqual" || operator === "strictEqual") return difference(actual, expected, operator, message ?? undefined);
    if (operator === "notDeepStrictEqual" || operator === "notStrictEqual") {
      const base = operator === "notStrictEqual" && isThing(actual) ? sentences.notStrictEqualObject : sentences[operator];
      const lines = inspect(actual).split("\n");
      if (lines.length > 1) return `${base}\n\n${lines.slice(0, 50).join("\n")}${lines.length > 50 ? "\n..." : ""}\n`;
      return `${base}${lines[0].length > 5 ? "\n\n" : " "}${lines[0]}`;
    }
    const [a, b] = [inspect(actual), inspect(expected)];
    if (operator === "notDeepEqual" && a === b) return `${sentences.notDeepEqual}\n\n${long(a, 1024)}`;
    if (operator === "deepEqual") return `${sentences.deepEqual}\n\n${long(a, 512)}\n\nshould loosely deep-equal\n\n${long(b, 512)}`;
    if (operator === "notDeepEqual") return `${sentences.notDeepEqualUnequal}\n\n${long(a, 512)}\n\nshould not loosely deep-equal\n\n${long(b, 512)}`;
    return `${long(a, 512)} ${operator} ${long(b, 512)}`;
  };

  class AssertionError extends Error {
    constructor(options) {
      if (!isObject(options)) throw native.invalidType("options", ["Object"], options);
      const { message, actual, expected, operator } = options;
      super(message == null || operator === "strictEqual" || operator === "deepStrictEqual" ? messageOf(options) : `${message}`);
      Object.defineProperty(this, "name", { value: "AssertionError", writable: true, configurable: true, enumerable: false });
      this.generatedMessage = options.generatedMessage ?? message == null;
      this.code = "ERR_ASSERTION";
      this.actual = actual;
      this.expected = expected;
      this.operator = operator;
    }
    toString() { return `${this.name} [${this.code}]: ${this.message}`; }
  }

  const ours = new WeakSet();
  const fail = (options) => {
    if (options.message instanceof Error) throw options.message;
    const e = new AssertionError(options);
    ours.add(e);
    throw e;
  };
  // here makes what fails after an await carry the frames of the call.
  const here = async (check) => {
    const made = new AssertionError({ message: "" });
    try {
      await check();
    } catch (e) {
      if (!ours.has(e)) throw e;
      made.message = e.message;
      throw Object.assign(made, e);
    }
  };
  const enough = (args, n) => {
    if (args.length >= n) return;
    throw native.coded(TypeError, "ERR_MISSING_ARGS", n === 2 ? 'The "actual" and "expected" arguments must be specified' : "The argument must be specified");
  };
  const truthy = (args) => {
    const [value, message] = args;
    if (value) return;
    let text = message, generated = false;
    if (args.length === 0) {
      generated = true;
      text = "No value argument passed to `assert.ok()`";
    } else if (message == null) {
      generated = true;
      text = "The expression evaluated to a falsy value";
    }
    fail({ actual: value, expected: true, message: text, operator: "==", generatedMessage: generated });
  };
  const compare = (operator, holds) => function (actual, expected, message) {
    enough(arguments, 2);
    if (!holds(actual, expected)) fail({ actual, expected, message, operator });
  };
  const { is } = Object;
  const loose = (a, b) => a == b || a !== a && b !== b;
  const { isDeepStrictEqual: deepStrict, isDeepEqual: deep } = native;

  // What an error must be: a class, a pattern, an object of properties, or a
  // function that says whether it is right.
  const checkError = (actual, expected, message, name) => {
    const wrong = (text, more) => fail({ actual, expected, message: message ?? text, operator: name, generatedMessage: message == null, ...more });
    if (expected === undefined) return;
    if (expected instanceof RegExp) {
      if (!expected.test(`${actual}`)) wrong(`The input did not match the regular expression ${native.inspect(expected)}. Input:\n\n${native.inspect(`${actual}`)}\n`);
      return;
    }
    if (typeof expected === "function") {
      if (expected.prototype !== undefined && actual instanceof expected) return;
      if (expected === Error || Object.prototype.isPrototypeOf.call(Error, expected)) {
        let text = `The error is expected to be an instance of "${expected.name}". Received `;
        if (actual instanceof Error) text += `"${actual.name}"\n\nError message:\n\n${actual.message}`;
        else text += `"${native.inspect(actual, { depth: -1 })}"`;
        return wrong(text);
      }
      if (expected.call({}, actual) !== true) {
        wrong(`The ${expected.name ? `"${expected.name}" ` : ""}validation function is expected to return "true". Received ${native.inspect(expected.call({}, actual))}\n\nCaught error:\n\n${native.inspect(actual)}`);
      }
      return;
    }
    if (!isThing(actual)) return wrong(difference(actual, expected, "deepStrictEqual"));
    const keys = Object.keys(expected);
    if (expected instanceof Error) keys.push("name", "message");
    else if (keys.length === 0) throw native.invalidValue("error", expected, "may not be an empty object");
    for (const key of keys) {
      if (typeof actual[key] === "string" && expected[key] instanceof RegExp && expected[key].test(actual[key])) continue;
      if (key in actual && deepStrict(actual[key], expected[key])) continue;
      const only = (o) => Object.fromEntries(keys.filter((k) => k in o).map((k) => [k, o[k]]));
      const [a, b] = [only(actual), only(expected)];
      return wrong(difference(a, b, "deepStrictEqual"), { actual: a, expected: b });
    }
  };
  const missed = (name, expected, message) => {
    let text = `Missing expected ${name === "rejects" ? "rejection" : "exception"}`;
    if (expected?.name) text += ` (${expected.name})`;
    text += message ? `: ${message}` : ".";
    fail({ actual: undefined, expected, operator: name, message: text });
  };
  const unwanted = (name, actual, expected, message) => {
    if (expected instanceof RegExp ? !expected.test(`${actual}`) : typeof expected === "function" && !(actual instanceof expected)) throw actual;
    fail({ actual, expected, operator: name, message: `Got unwanted ${name === "doesNotReject" ? "rejection" : "exception"}${message ? `: ${message}` : "."}\nActual message: "${actual?.message}"` });
  };
  const given = (error, message) => {
    if (typeof error === "string") return [undefined, error];
    if (error !== undefined && !isThing(error)) throw native.invalidType("expected", ["Function", "Error", "RegExp", "Object"], error);
    return [error, message];
  };
  const nothing = {};
  const thrownBy = (f) => {
    if (typeof f !== "function") throw native.invalidType("fn", ["function"], f);
    try {
      f();
    } catch (e) {
      return e;
    }
    return nothing;
  };
  const rejectionOf = async (f) => {
    let promise = f;
    if (typeof f === "function") {
      promise = f();
      if (typeof promise?.then !== "function") {
        throw native.coded(TypeError, "ERR_INVALID_RETURN_VALUE", `Expected instance of Promise to be returned from the "promiseFn" function but got ${native.received(promise).replace(/^ Received /, "")}.`);
      }
    } else if (typeof f?.then !== "function") {
      throw native.invalidType("promiseFn", ["function", "Promise"], f);
    }
    try {
      await promise;
    } catch (e) {
      return e;
    }
    return nothing;
  };
  const matches = (name, text, pattern, message, wanted) => {
    if (!(pattern instanceof RegExp)) throw native.invalidType("regexp", ["RegExp"], pattern);
    if (typeof text === "string" && pattern.test(text) === wanted) return;
    if (message instanceof Error) throw message;
    message ??= typeof text !== "string"
      ? `The "string" argument must be of type string. Received type ${typeof text} (${native.inspect(text)})`
      : `${wanted ? "The input did not match the regular expression " : "The input was expected to not match the regular expression "}${native.inspect(pattern)}. Input:\n\n${native.inspect(text)}\n`;
    fail({ actual: text, expected: pattern, message, operator: name, generatedMessage: true });
  };

  const assert = function ok(...args) { truthy(args); };
  const functions = {
    ok(...args) { truthy(args); },
    fail(message) { fail({ message: message ?? "Failed", operator: "fail", generatedMessage: message === undefined }); },
    equal: compare("==", loose),
    notEqual: compare("!=", (a, b) => !loose(a, b)),
    deepEqual: compare("deepEqual", deep),
    notDeepEqual: compare("notDeepEqual", (a, b) => !deep(a, b)),
    strictEqual: compare("strictEqual", is),
    notStrictEqual: compare("notStrictEqual", (a, b) => !is(a, b)),
    deepStrictEqual: compare("deepStrictEqual", deepStrict),
    notDeepStrictEqual: compare("notDeepStrictEqual", (a, b) => !deepStrict(a, b)),
    match(text, pattern, message) { matches("match", text, pattern, message, true); },
    doesNotMatch(text, pattern, message) { matches("doesNotMatch", text, pattern, message, false); },
    throws(f, ...rest) {
      const [error, message] = given(...rest), e = thrownBy(f);
      if (e === nothing) missed("throws", error, message);
      checkError(e, error, message, "throws");
    },
    doesNotThrow(f, ...rest) {
      const [error, message] = given(...rest), e = thrownBy(f);
      if (e !== nothing) unwanted("doesNotThrow", e, error, message);
    },
    rejects(f, ...rest) {
      return here(async () => {
        const [error, message] = given(...rest), e = await rejectionOf(f);
        if (e === nothing) missed("rejects", error, message);
        checkError(e, error, message, "rejects");
      });
    },
    doesNotReject(f, ...rest) {
      return here(async () => {
        const [error, message] = given(...rest), e = await rejectionOf(f);
        if (e !== nothing) unwanted("doesNotReject", e, error, message);
      });
    },
    ifError(value) {
      if (value == null) return;
      const message = `ifError got unwanted exception: ${isObject(value) && typeof value.message === "string" ? value.message || value.constructor?.name : native.inspect(value)}`;
      fail({ actual: value, expected: null, operator: "ifError", message });
    },
    AssertionError,
  };
  Object.assign(assert, functions);
  const strict = function strict(...args) { truthy(args); };
  Object.assign(strict, functions, {
    equal: functions.strictEqual, notEqual: functions.notStrictEqual,
    deepEqual: functions.deepStrictEqual, notDeepEqual: functions.notDeepStrictEqual,
  });
  assert.strict = strict.strict = strict;
  native.assert = assert;
})
