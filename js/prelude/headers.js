(function (native, exports, global) {
  "use strict";

  const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

  const byteString = (v) => {
    if (typeof v === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
    v = `${v}`;
    for (let i = 0; i < v.length; i++) {
      const code = v.charCodeAt(i);
      if (code > 255) {
        throw new TypeError(`Cannot convert argument to a ByteString because the character at index ${i} has a value of ${code} which is greater than 255.`);
      }
    }
    return v;
  };
  const checkName = (name, method) => {
    name = byteString(name);
    if (!token.test(name)) throw new TypeError(`Headers.${method}: "${name}" is an invalid header name.`);
    return name.toLowerCase();
  };
  const checkValue = (value, method) => {
    value = byteString(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
    if (/[\0\r\n]/.test(value)) throw new TypeError(`Headers.${method}: "${value}" is an invalid header value.`);
    return value;
  };
  const need = (method, count, args) => {
    if (args.length < count) {
      throw new TypeError(`Headers.${method}: ${count} argument${count > 1 ? "s" : ""} required, but only ${args.length} found.`);
    }
  };

  const immutable = new WeakSet();

  class Headers {
    #values = new Map(); // lower-case name to values

    constructor(init) {
      if (init === undefined) return;
      if (init === null || typeof init !== "object") {
        throw new TypeError("Headers constructor: Argument 1 could not be converted to one of: sequence<sequence<ByteString>>, record<ByteString, ByteString>.");
      }
      if (init instanceof Headers) {
        for (const [name, values] of init.#values) this.#values.set(name, [...values]);
        return;
      }
      if (typeof init[Symbol.iterator] === "function") {
        for (const pair of init) {
          const both = [...pair];
          if (both.length !== 2) {
            throw new TypeError(`Headers constructor: expected name/value pair to be length 2, found ${both.length}.`);
          }
          this.append(...both);
        }
        return;
      }
      for (const name of Reflect.ownKeys(init)) {
        if (Object.getOwnPropertyDescriptor(init, name)?.enumerable) this.append(name, init[name]);
      }
    }
    #change() {
      if (immutable.has(this)) throw new TypeError("immutable");
    }
    append(name, value) {
      need("append", 2, arguments);
      name = checkName(name, "append");
      value = checkValue(value, "append");
      this.#change();
      const values = this.#values.get(name);
      if (values) values.push(value);
      else this.#values.set(name, [value]);
    }
    set(name, value) {
      need("set", 2, arguments);
      name = checkName(name, "set");
      value = checkValue(value, "set");
      this.#change();
      this.#values.set(name, [value]);
    }
    delete(name) {
      need("delete", 1, arguments);
      name = checkName(name, "delete");
      this.#change();
      this.#values.delete(name);
    }
    get(name) {
      need("get", 1, arguments);
      return this.#values.get(checkName(name, "get"))?.join(", ") ?? null;
    }
    has(name) {
      need("has", 1, arguments);
      return this.#values.has(checkName(name, "has"));
    }
    getSetCookie() { return [...(this.#values.get("set-cookie") ?? [])]; }
    forEach(callback, self) {
      need("forEach", 1, arguments);
      if (typeof callback !== "function") {
        throw new TypeError("Failed to execute 'forEach' on 'Headers': parameter 1 is not of type 'Function'.");
      }
      for (const [name, value] of this) callback.call(self, value, name, this);
    }
    *entries() {
      for (const name of [...this.#values.keys()].sort()) {
        const values = this.#values.get(name) ?? [];
        if (name === "set-cookie") for (const value of values) yield [name, value];
        else yield [name, values.join(", ")];
      }
    }
    *keys() { for (const [name] of this) yield name; }
    *values() { for (const [, value] of this) yield value; }
    [Symbol.iterator]() { return this.entries(); }
    get [Symbol.toStringTag]() { return "Headers"; }
  }

  native.shown(Headers, (headers) => {
    const out = {};
    for (const name of headers.keys()) out[name] = headers.get(name);
    return out;
  });
  native.freezeHeaders = (headers) => { immutable.add(headers); return headers; };
  Object.defineProperty(global, "Headers", { value: Headers, writable: true, configurable: true, enumerable: false });
})
