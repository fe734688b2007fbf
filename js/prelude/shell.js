(function (native, exports, global) {
  "use strict";

  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  const kind = (v) => (v === null ? "null" : native.inspect(v));
  const wrong = (message) => new TypeError(`sh: ${message}`);

  const environment = (env) => {
    if (env === undefined || env === null) env = {};
    if (typeof env !== "object" || isArray(env)) throw wrong(`env must be an object, not ${kind(env)}`);
    const all = { ...native.env, ...env };
    return Object.entries(all).flatMap(([name, value]) => {
      if (value === undefined || value === null) return [];
      if (!["string", "number", "boolean"].includes(typeof value)) {
        throw wrong(`env.${name} must be a string, a number or a boolean, not ${kind(value)}`);
      }
      return [`${name}=${value}`];
    });
  };
  const folder = (dir) => {
    if (dir === undefined) return "";
    if (dir instanceof global.URL) return native.modules.url.fileURLToPath(dir);
    if (typeof dir !== "string" || dir === "") throw wrong(`cwd must be the path of a directory, not ${kind(dir)}`);
    return dir;
  };
  const stdin = (input) => {
    if (input === undefined || typeof input === "string") return input;
    if (isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    throw wrong(`input must be a string or bytes, not ${kind(input)}`);
  };

  // A call makes its errors before anything is awaited, so that they point at
  // the line of the user.
  exports.sh = async function sh(command, options) {
    if (isArray(command)) {
      for (const word of command) if (typeof word !== "string") throw wrong(`the words of a command must be strings, not ${kind(word)}`);
      if (!command[0]) throw wrong("the command is empty");
    } else if (typeof command !== "string") {
      throw wrong(`the command must be a string or an array of strings, not ${kind(command)}`);
    } else if (command.trim() === "") {
      throw wrong("the command is empty");
    }
    native.checkOptions("sh", options, ["cwd", "env", "timeout", "check", "input"]);
    const { cwd, env, timeout, check = true, input } = options ?? {};
    if (timeout !== undefined && !(typeof timeout === "number" && timeout > 0)) {
      throw wrong(`timeout must be a number of milliseconds above 0, not ${kind(timeout)}`);
    }
    if (typeof check !== "boolean") throw wrong(`check must be true or false, not ${kind(check)}`);
    return native.sh(typeof command === "string" ? [] : [...command], typeof command === "string" ? command : "",
      folder(cwd), environment(env), timeout ?? 0, check, stdin(input));
  };

  exports.dotenv = function dotenv(...args) {
    const options = args.length > 0 && typeof args.at(-1) === "object" && args.at(-1) !== null && !isArray(args.at(-1)) ? args.pop() : undefined;
    native.checkOptions("dotenv", options, ["optional", "expand"]);
    const { optional = false, expand = false } = options ?? {};
    if (typeof optional !== "boolean") throw new TypeError(`dotenv: optional must be true or false, not ${kind(optional)}`);
    if (typeof expand !== "boolean") throw new TypeError(`dotenv: expand must be true or false, not ${kind(expand)}`);
    const paths = args.filter((path) => path !== undefined);
    for (const path of paths) {
      if (typeof path !== "string" || path === "") throw new TypeError(`dotenv: the path must be a string, not ${kind(path)}`);
    }
    const all = paths.length > 0 ? paths : [".env"];
    return native.watched(native.dotenv(all, optional, expand), `dotenv(${all.map((path) => JSON.stringify(path)).join(", ")})`);
  };
})
