(function (native, exports, global) {
  "use strict";

  const define = (on, name, value) =>
    Object.defineProperty(on, name, { value, writable: true, configurable: true, enumerable: true });
  const hidden = (on, name, value) =>
    Object.defineProperty(on, name, { value, writable: true, configurable: true, enumerable: false });

  hidden(global, "global", global);

  // Output: strings alone need no formatting.
  const format = (args) => {
    if (args.length === 1 && typeof args[0] === "string") return args[0];
    return native.format(args);
  };
  const write = (level, args) => native.write(level, format(args));
  let indent = "";
  const counts = new Map(), clocks = new Map();
  const print = (level, args) => {
    const text = format(args);
    native.write(level, indent === "" ? text : indent + text.replaceAll("\n", "\n" + indent));
  };
  const elapsed = (label, more) => {
    const began = clocks.get(label);
    if (began === undefined) return print("warn", [`No such label '${label}' for console.time()`]);
    const ms = native.now() - began;
    print("info", [`${label}: ${ms >= 1000 ? (ms / 1000).toFixed(3) + "s" : ms.toFixed(3) + "ms"}`, ...more]);
  };
  const console = {
    log(...args) { print("info", args); },
    info(...args) { print("info", args); },
    debug(...args) { print("debug", args); },
    warn(...args) { print("warn", args); },
    error(...args) { print("error", args); },
    trace(...args) { print("error", [native.trace(args.length ? `Trace: ${format(args)}` : "Trace")]); },
    dir(value, options) { print("info", [native.inspect(value, options)]); },
    table(...args) { print("info", args); },
    assert(ok, ...args) {
      if (ok) return;
      if (typeof args[0] === "string") print("error", [`Assertion failed: ${args[0]}`, ...args.slice(1)]);
      else print("error", ["Assertion failed", ...args]);
    },
    group(...args) { if (args.length) print("info", args); indent += "  "; },
    groupEnd() { indent = indent.slice(2); },
    count(label = "default") {
      const n = (counts.get(`${label}`) ?? 0) + 1;
      counts.set(`${label}`, n);
      print("info", [`${label}: ${n}`]);
    },
    countReset(label = "default") { counts.delete(`${label}`); },
    time(label = "default") { clocks.set(`${label}`, native.now()); },
    timeLog(label = "default", ...args) { elapsed(`${label}`, args); },
    timeEnd(label = "default") { elapsed(`${label}`, []); clocks.delete(`${label}`); },
  };
  console.groupCollapsed = console.group;
  hidden(global, "console", console);

  exports.log = {
    info(...args) { write("info", args); },
    warn(...args) { write("warn", args); },
    error(...args) { write("error", args); },
  };

  define(global, "queueMicrotask", function queueMicrotask(callback) {
    if (typeof callback !== "function") throw new TypeError("queueMicrotask takes a function");
    Promise.resolve().then(() => {
      try {
        callback();
      } catch (e) {
        native.uncaught(e);
      }
    });
  });

  const clock = { now: () => native.now(), timeOrigin: Date.now(), toJSON() { return { timeOrigin: clock.timeOrigin }; } };
  define(global, "performance", clock);

  const randomBytes = (n) => new Uint8Array(native.random(n));
  define(global, "crypto", {
    randomUUID: () => native.uuid(),
    getRandomValues(array) {
      if (!ArrayBuffer.isView(array) || array instanceof DataView || array instanceof Float32Array || array instanceof Float64Array) {
        throw new TypeError("crypto.getRandomValues takes an array of integers");
      }
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(randomBytes(array.byteLength));
      return array;
    },
  });

  // What of Node's process is not there is on its prototype, and says so.
  const missing = {};
  const absent = (on, path, name, hint) =>
    hidden(on, name, () => { throw new TypeError(`${path}.${name} is not there in miniboss: ${hint}`); });
  const events = "the hooks preStop, postStop and onStopServices are called at the end";
  for (const name of ["on", "once", "off", "addListener", "removeListener", "removeAllListeners", "emit"]) absent(missing, "process", name, events);
  absent(missing, "process", "kill", 'use sh("kill …") from "miniboss"');
  absent(missing, "process", "chdir", 'sh from "miniboss" takes the directory as cwd');
  for (const [name, hint] of [["stdout", "use console.log"], ["stderr", "use console.error"]]) {
    hidden(missing, name, { isTTY: false });
    absent(missing[name], `process.${name}`, "write", hint);
  }
  const process = {
    __proto__: missing,
    env: native.env,
    platform: native.platform,
    arch: native.arch,
    argv: ["miniboss", native.file],
    pid: native.pid,
    version: "v20.0.0",
    versions: { node: "20.0.0", miniboss: "1" },
    cwd: () => native.cwd,
    uptime: () => native.now() / 1000,
    nextTick(callback, ...args) { queueMicrotask(() => callback(...args)); },
    hrtime: Object.assign(function hrtime(since) {
      const ns = Math.round(native.now() * 1e6);
      let seconds = Math.floor(ns / 1e9), rest = ns % 1e9;
      if (since) {
        seconds -= since[0];
        rest -= since[1];
        if (rest < 0) { seconds--; rest += 1e9; }
      }
      return [seconds, rest];
    }, { bigint: () => BigInt(Math.round(native.now() * 1e6)) }),
    exit() { throw new Error("process.exit is not there: throw an error to fail"); },
  };
  hidden(global, "process", process);
})
