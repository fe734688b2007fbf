(function (native, exports, global) {
  "use strict";

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
  Object.defineProperty(global, "console", { value: console, writable: true, configurable: true, enumerable: false });

  exports.log = {
    info(...args) { write("info", args); },
    warn(...args) { write("warn", args); },
    error(...args) { write("error", args); },
  };
})
