(function (native, exports, global) {
  "use strict";

  const { isArray } = Array;
  const kind = (v) => (v === null ? "null" : native.inspect(v));
  const urlOf = (what, url) => {
    if (typeof url === "string") return url;
    if (url instanceof global.URL) return url.href;
    throw new TypeError(`${what}: the URL must be a string, not ${kind(url)}`);
  };

  // encode makes plain values of what a parameter may be. An object is sent as
  // JSON, as node-pg does it.
  const encode = (what, v) => {
    switch (typeof v) {
      case "undefined": return null;
      case "bigint": return `${v}`;
      case "symbol": case "function": throw new TypeError(`${what} cannot be ${kind(v)}`);
      case "object": break;
      default: return v;
    }
    if (v === null || v instanceof Date) return v;
    if (v instanceof ArrayBuffer) return new Uint8Array(v);
    if (ArrayBuffer.isView(v)) return new Uint8Array(v.buffer, v.byteOffset, v.byteLength);
    if (isArray(v)) return Array.from(v, (one) => encode(what, one));
    return native.stringify(v);
  };
  const params = (method, list) => {
    if (list === undefined) return [];
    if (!isArray(list)) throw new TypeError(`${method}: the parameters must be an array, not ${kind(list)}`);
    return Array.from(list, (v, i) => encode(`${method}: parameter ${i + 1}`, v));
  };
  const textOf = (method, text) => {
    if (typeof text !== "string" || text.trim() === "") {
      throw new TypeError(`${method}: the statement must be a non-empty string, not ${kind(text)}`);
    }
    return text;
  };

  class Database {
    #db;
    constructor(url) {
      this.#db = native.sql(url);
    }
    async query(text, values) { return this.#db.query(textOf("query", text), params("query", values)); }
    async exec(text, values) { return this.#db.exec(textOf("exec", text), params("exec", values)); }
    async close() { await this.#db.close(); }
  }
  exports.sql = function sql(url) { return new Database(urlOf("sql", url)); };

  class Redis {
    #redis;
    constructor(url) {
      this.#redis = native.redis(url);
    }
    async command(...args) {
      if (typeof args[0] !== "string") throw new TypeError(`command: the name of a command must be a string, not ${kind(args[0])}`);
      return this.#redis.command(args.map((v, i) => {
        const ok = ["string", "number", "bigint"].includes(typeof v) || v instanceof ArrayBuffer || ArrayBuffer.isView(v);
        if (!ok) throw new TypeError(`command: argument ${i} must be a string, a number or bytes, not ${kind(v)}`);
        return encode("command", v);
      }));
    }
    async close() { await this.#redis.close(); }
  }
  exports.redis = function redis(url) { return new Redis(urlOf("redis", url)); };
})
