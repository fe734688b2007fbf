(function (native, exports, global) {
  "use strict";

  const hidden = (on, name, value) =>
    Object.defineProperty(on, name, { value, writable: true, configurable: true, enumerable: false });

  // What of Node's process is not there is on its prototype, and says so.
  const missing = {};
  const absent = (on, path, name, hint) =>
    hidden(on, name, () => { throw new TypeError(`${path}.${name} is not available in miniboss: ${hint}`); });
  const events = "use the hooks preStop and postStop, or onStopServices";
  for (const name of ["on", "once", "off", "addListener", "removeListener", "removeAllListeners", "emit"]) absent(missing, "process", name, events);
  absent(missing, "process", "kill", 'use sh("kill …") from "miniboss"');
  absent(missing, "process", "chdir", 'use sh from "miniboss" with the option cwd');
  for (const [name, hint] of [["stdout", "use console.log"], ["stderr", "use console.error"]]) {
    hidden(missing, name, { isTTY: false });
    absent(missing[name], `process.${name}`, "write", hint);
  }
  const process = {
    __proto__: missing,
    env: native.watched(native.env, "process.env"),
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
    exit() { throw new Error("process.exit is not available in miniboss: throw an error to fail"); },
  };
  hidden(global, "process", process);
})
