(function (native, exports, global) {
  "use strict";

  const { isView } = ArrayBuffer;
  const sync = true, later = false;
  const { invalidType, invalidValue } = native;
  const path = () => native.modules.path;

  const pathOf = (v, name = "path") => {
    if (v instanceof global.URL) v = native.modules.url.fileURLToPath(v);
    else if (isView(v)) v = global.Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString();
    if (typeof v !== "string") throw invalidType(name, ["string", "Buffer", "URL"], v);
    if (v.includes("\0")) throw invalidValue(name, v, "must be a string, Uint8Array, or URL without null bytes");
    return v;
  };
  const optionsOf = (v, defaults) => {
    if (v === undefined || v === null || typeof v === "function") return defaults;
    if (typeof v === "string") v = { encoding: v };
    if (typeof v !== "object") throw invalidType("options", ["string", "Object"], v);
    v = { ...defaults, ...v };
    if (v.encoding && v.encoding !== "buffer" && !global.Buffer.isEncoding(v.encoding)) {
      throw invalidValue("encoding", v.encoding, "is invalid encoding");
    }
    v.signal?.throwIfAborted();
    return v;
  };
  const modeOf = (v, name = "mode") => {
    if (typeof v === "string" && /^[0-7]+$/.test(v)) return parseInt(v, 8);
    if (typeof v === "string") throw invalidValue(name, v, "must be a 32-bit unsigned integer or an octal string");
    if (typeof v !== "number") throw invalidType(name, ["number"], v);
    return v;
  };
  const flags = ["r", "r+", "w", "w+", "wx", "wx+", "a", "a+", "ax", "ax+"];
  const flagOf = (v) => {
    const flag = `${v}`.replace(/s/g, "").replace(/^x([wa])/, "$1x");
    if (!flags.includes(flag)) throw invalidValue("flags", v);
    return flag;
  };
  const bytesOf = (v) => new Uint8Array(v.buffer, v.byteOffset, v.byteLength);
  // What can be written: text in UTF-8 is given to Go as it is.
  const dataOf = (data, encoding) => {
    if (typeof data === "string") {
      return !encoding || /^utf-?8$/i.test(encoding) ? data : bytesOf(global.Buffer.from(data, encoding));
    }
    if (isView(data)) return bytesOf(data);
    throw invalidType("data", ["string", "Buffer", "TypedArray", "DataView"], data);
  };
  const decode = (buffer, encoding) => {
    if (!encoding || encoding === "buffer") return global.Buffer.from(buffer);
    if (/^utf-?8$/i.test(encoding)) return native.decode(new Uint8Array(buffer), "utf-8", false, true);
    return global.Buffer.from(buffer).toString(encoding);
  };

  const kinds = { isFile: 1, isDirectory: 2, isSymbolicLink: 3, isFIFO: 4, isSocket: 5, isCharacterDevice: 6, isBlockDevice: 7 };
  const methods = (Class, kindOf) => {
    for (const [name, kind] of Object.entries(kinds)) {
      Object.defineProperty(Class.prototype, name, {
        value: { [name]() { return kindOf(this) === kind; } }[name], writable: true, configurable: true,
      });
    }
  };
  const kindOfStats = new WeakMap();
  class Stats {
    constructor(s) {
      kindOfStats.set(this, s.kind);
      for (const key of ["dev", "mode", "nlink", "uid", "gid", "rdev", "blksize", "ino", "size", "blocks"]) this[key] = s[key];
      const times = ["atime", "mtime", "ctime", "birthtime"];
      for (const key of times) this[`${key}Ms`] = s[`${key}Ms`];
      for (const key of times) this[key] = new Date(Math.round(s[`${key}Ms`]));
    }
  }
  methods(Stats, (s) => kindOfStats.get(s));
  const kindOfDirent = Symbol("type");
  class Dirent {
    constructor(name, parentPath, kind) {
      this.name = name;
      this.parentPath = parentPath;
      this.path = parentPath;
      this[kindOfDirent] = kind;
    }
  }
  methods(Dirent, (d) => d[kindOfDirent]);

  const constants = Object.freeze({
    F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4, COPYFILE_EXCL: 1, COPYFILE_FICLONE: 2, COPYFILE_FICLONE_FORCE: 4,
  });

  // Each call is [what Go calls it, arguments => arguments for Go, result =>
  // result]. The two forms below are made of it.
  const noResult = () => undefined;
  const write = (flag) => (p, data, options) => {
    p = pathOf(p);
    options = optionsOf(options, { encoding: "utf8", mode: 0o666, flag });
    return [p, flagOf(options.flag), modeOf(options.mode), dataOf(data, options.encoding)];
  };
  const statOptions = (options) => {
    if (options?.bigint) throw new TypeError("stat: bigint is not available in miniboss: the numbers are exact below 2 ** 53");
  };
  const stat = (follow) => ["stat", (p, options) => { statOptions(options); return [pathOf(p), follow]; }, (s) => new Stats(s)];
  const calls = {
    access: ["access", (p, mode = 0) => [pathOf(p), mode], noResult],
    appendFile: ["write", write("a"), noResult],
    chmod: ["chmod", (p, mode) => [pathOf(p), modeOf(mode)], noResult],
    copyFile: ["copyFile", (from, to, mode = 0) => [pathOf(from, "src"), pathOf(to, "dest"), (mode & 1) === 1], noResult],
    lstat: stat(false),
    mkdir: ["mkdir", (p, options) => {
      if (typeof options === "number" || typeof options === "string") options = { mode: options };
      return [pathOf(p), modeOf(options?.mode ?? 0o777), !!options?.recursive];
    }, (first) => first],
    mkdtemp: ["mkdtemp", (prefix) => [pathOf(prefix, "prefix")], (made) => made],
    readFile: ["read", (p, options) => {
      p = pathOf(p);
      optionsOf(options, {});
      return [p];
    }, (data, p, options) => decode(data, typeof options === "string" ? options : options?.encoding)],
    readdir: ["readdir", (p, options) => [pathOf(p), !!optionsOf(options, {}).recursive], (list, p, options) => {
      p = pathOf(p);
      if (options?.withFileTypes) return list.map(([dir, name, kind]) => new Dirent(name, dir ? path().join(p, dir) : p, kind));
      return list.map(([dir, name]) => (dir ? path().join(dir, name) : name));
    }],
    readlink: ["readlink", (p) => [pathOf(p)], (target) => target],
    realpath: ["realpath", (p) => [pathOf(p)], (found) => found],
    rename: ["rename", (from, to) => [pathOf(from, "oldPath"), pathOf(to, "newPath")], noResult],
    rm: ["rm", (p, options) => [pathOf(p), !!options?.recursive, !!options?.force], noResult],
    rmdir: ["rmdir", (p, options) => {
      if (options?.recursive) throw new TypeError("rmdir only removes empty directories: use rm with recursive");
      return [pathOf(p)];
    }, noResult],
    stat: stat(true),
    symlink: ["symlink", (target, p) => [pathOf(target, "target"), pathOf(p)], noResult],
    unlink: ["unlink", (p) => [pathOf(p)], noResult],
    writeFile: ["write", write("w"), noResult],
  };

  const promises = {}, fs = {};
  for (const [name, [call, given, result]] of Object.entries(calls)) {
    // The call of Go comes before the first await: an error is made there, and
    // so points at the line of the user.
    promises[name] = { async [name](...args) { return result(await native.fs(call, later, ...given(...args)), ...args); } }[name];
    fs[`${name}Sync`] = { [`${name}Sync`](...args) { return result(native.fs(call, sync, ...given(...args)), ...args); } }[`${name}Sync`];
  }

  // A stream is written as it comes.
  const isStream = (v) => typeof v === "object" && v !== null && !isView(v)
    && (typeof v[Symbol.asyncIterator] === "function" || typeof v[Symbol.iterator] === "function");
  const writeAll = async (p, stream, options, flag) => {
    options = optionsOf(options, { encoding: "utf8", mode: 0o666, flag });
    const file = await native.fsOpen(pathOf(p), flagOf(options.flag), modeOf(options.mode));
    const pieces = (stream[Symbol.asyncIterator] ?? stream[Symbol.iterator]).call(stream);
    try {
      // One after the other: the next piece is asked for when this one is written.
      for (let step = await pieces.next(); !step.done; step = await pieces.next()) {
        try {
          options.signal?.throwIfAborted();
          await file.write(dataOf(step.value, options.encoding));
        } catch (e) {
          await pieces.return?.();
          throw e;
        }
      }
    } finally {
      await file.close();
    }
  };
  for (const [name, flag] of [["writeFile", "w"], ["appendFile", "a"]]) {
    const whole = promises[name];
    promises[name] = { async [name](p, data, options) {
      return isStream(data) ? writeAll(p, data, options, flag) : whole(p, data, options);
    } }[name];
  }

  const { statSync, lstatSync } = fs;
  const orNothing = (look, p, options) => {
    try {
      return look(p, options);
    } catch (e) {
      if (options?.throwIfNoEntry === false && (e.code === "ENOENT" || e.code === "ENOTDIR")) return undefined;
      throw e;
    }
  };
  fs.statSync = function (p, options) { return orNothing(statSync, p, options); };
  fs.lstatSync = function (p, options) { return orNothing(lstatSync, p, options); };
  fs.existsSync = function existsSync(p) {
    try {
      native.fs("access", sync, pathOf(p), 0);
      return true;
    } catch {
      return false;
    }
  };

  // cp asks the user's filter first, and tells Go what it does not want. steps
  // yields what may have to be awaited.
  const cpOptions = (options) => {
    if (options !== undefined && (typeof options !== "object" || options === null)) throw invalidType("options", ["Object"], options);
    const { recursive = false, force = true, errorOnExist = false, dereference = false, verbatimSymlinks = false, preserveTimestamps = false } = options ?? {};
    return { recursive: !!recursive, force: !!force, errorOnExist: !!errorOnExist, dereference: !!dereference,
      verbatimSymlinks: !!verbatimSymlinks, preserveTimestamps: !!preserveTimestamps };
  };
  function* excluded(from, to, filter, recursive) {
    const out = [];
    for (const todo = [""]; todo.length > 0;) {
      const rel = todo.shift();
      const source = path().join(from, rel);
      if (!(yield filter(source, path().join(to, rel)))) {
        out.push(rel);
        continue;
      }
      if (!recursive || !(rel === "" ? fs.statSync : fs.lstatSync)(source, { throwIfNoEntry: false })?.isDirectory()) continue;
      for (const name of fs.readdirSync(source)) todo.push(rel ? path().join(rel, name) : name);
    }
    return out;
  }
  promises.cp = async function cp(from, to, options) {
    const given = [pathOf(from, "src"), pathOf(to, "dest"), cpOptions(options)];
    if (!options?.filter) return void await native.fs("cp", later, ...given, []);
    const steps = excluded(given[0], given[1], options.filter, options.recursive);
    let step = steps.next();
    while (!step.done) step = steps.next(await step.value);
    await native.fs("cp", later, ...given, step.value);
  };
  fs.cpSync = function cpSync(from, to, options) {
    const given = [pathOf(from, "src"), pathOf(to, "dest"), cpOptions(options)];
    let out = [];
    if (options?.filter) {
      const steps = excluded(given[0], given[1], options.filter, options.recursive);
      let step = steps.next();
      while (!step.done) step = steps.next(step.value);
      out = step.value;
    }
    native.fs("cp", sync, ...given, out);
  };

  promises.constants = fs.constants = constants;
  fs.promises = promises;
  fs.Stats = Stats;
  fs.Dirent = Dirent;

  // What of Node is not there says so when it is called.
  const missing = (on, name, hint) => {
    Object.defineProperty(on, name, {
      value() { throw new TypeError(`fs.${name} is not available in miniboss: ${hint}`); }, writable: true, configurable: true,
    });
  };
  for (const [name, hint] of Object.entries(native.fsInstead)) {
    if (!(name in fs)) missing(fs, name, hint);
    if (!(name in promises) && !/Sync$|Stream$/.test(name)) missing(promises, name, hint);
  }
  native.nodeFS = fs;
})
