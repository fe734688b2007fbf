(function (native, exports, global) {
  "use strict";

  // What goja_nodejs leaves out of URL and Buffer, or does in another way.
  const { defineProperty } = Object;
  const method = (on, name, value) => defineProperty(on, name, { value, writable: true, configurable: true, enumerable: false });

  native.completeURL = (Base) => {
    class URL extends Base {
      constructor(url, base) {
        try {
          // Its own way to join the two loses the directories of the base.
          super(base === undefined ? url : new Base(`${base}`) && native.joinURL(`${url}`, `${base}`));
        } catch (e) {
          if (e?.code !== "ERR_INVALID_URL") throw e;
          throw Object.assign(new TypeError("Invalid URL"), { code: e.code, input: `${url}` }, base === undefined ? null : { base: `${base}` });
        }
      }
      // Its own getter does not see what searchParams changed, and cannot be replaced.
      get href() { return super.toString(); }
      set href(value) { super.href = value; }
      static canParse(url, base) {
        try {
          new URL(url, base);
          return true;
        } catch {
          return false;
        }
      }
      [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
        const out = {};
        for (const key of ["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "searchParams", "hash"]) {
          out[key] = this[key];
        }
        return `URL ${inspect(out, options)}`;
      }
    }
    return URL;
  };

  native.completeURLSearchParams = (URLSearchParams) => {
    const { prototype } = URLSearchParams;
    if (!("size" in prototype)) defineProperty(prototype, "size", { get() { return [...this.keys()].length; }, configurable: true });
    method(prototype, Symbol.for("nodejs.util.inspect.custom"), function (depth, options, inspect) {
      const entries = [...this].map(([k, v]) => `${inspect(k)} => ${inspect(v)}`);
      return entries.length ? `URLSearchParams { ${entries.join(", ")} }` : "URLSearchParams {}";
    });
    return URLSearchParams;
  };

  native.completeBuffer = (Buffer) => {
    defineProperty(Buffer, "name", { value: "Buffer", configurable: true });
    if (!Buffer.byteLength) {
      method(Buffer, "byteLength", function byteLength(value, encoding) {
        return typeof value === "string" ? Buffer.from(value, encoding).length : value.byteLength;
      });
    }
    for (const name of ["allocUnsafe", "allocUnsafeSlow"]) {
      if (!Buffer[name]) method(Buffer, name, { [name](size) { return Buffer.alloc(size); } }[name]);
    }
    if (!Buffer.isBuffer) method(Buffer, "isBuffer", function isBuffer(value) { return value instanceof Buffer; });
    if (!Buffer.concat) {
      method(Buffer, "concat", function concat(list, length = list.reduce((n, b) => n + b.length, 0)) {
        const out = Buffer.alloc(length);
        let at = 0;
        for (const b of list) {
          if (at >= length) break;
          const part = b.subarray(0, length - at);
          out.set(part, at);
          at += part.length;
        }
        return out;
      });
    }
    if (!Buffer.compare) {
      method(Buffer, "compare", function compare(a, b) {
        for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
        return Math.sign(a.length - b.length);
      });
    }
    // Encodings by their names in Node; goja_nodejs has utf8, hex and base64.
    const encodings = { utf8: "utf8", "utf-8": "utf8", hex: "hex", base64: "base64", base64url: "base64url", latin1: "latin1",
      binary: "latin1", ascii: "ascii", utf16le: "utf16le", "utf-16le": "utf16le", ucs2: "utf16le", "ucs-2": "utf16le" };
    const encodingOf = (name) => {
      if (name === undefined || name === null || name === "") return "utf8";
      const encoding = encodings[`${name}`.toLowerCase()];
      if (!encoding) throw native.coded(TypeError, "ERR_UNKNOWN_ENCODING", `Unknown encoding: ${name}`);
      return encoding;
    };
    const latin1 = (text) => Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
    const encoders = {
      latin1, ascii: latin1,
      utf16le: (text) => Uint8Array.from({ length: text.length * 2 }, (_, i) => (text.charCodeAt(i >> 1) >> (8 * (i & 1))) & 255),
      base64url: (text) => fromBytes.call(Buffer, text.replace(/-/g, "+").replace(/_/g, "/"), "base64"),
    };
    const chars = (bytes, mask) => {
      let out = "";
      if (bytes instanceof Buffer) bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let i = 0; i < bytes.length; i += 4096) out += String.fromCharCode(...bytes.subarray(i, i + 4096).map((b) => b & mask));
      return out;
    };
    const decoders = {
      latin1: (bytes) => chars(bytes, 255), ascii: (bytes) => chars(bytes, 127),
      utf16le: (bytes) => chars(new Uint16Array(bytes.slice(0, bytes.length & ~1).buffer), 65535),
      base64url: (bytes) => toText.call(bytes, "base64").replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, ""),
    };
    const fromBytes = Buffer.from, toText = Buffer.prototype.toString;
    method(Buffer, "from", function from(value, encoding, ...rest) {
      if (typeof value !== "string") return fromBytes.call(Buffer, ...arguments);
      const name = encodingOf(typeof encoding === "string" ? encoding : undefined);
      const encode = encoders[name];
      return encode ? fromBytes.call(Buffer, encode(value)) : fromBytes.call(Buffer, value, name);
    });
    method(Buffer.prototype, "toString", function toString(encoding, start = 0, end = this.length) {
      const name = encodingOf(encoding), part = this.subarray(Math.max(0, start), Math.max(0, end));
      return decoders[name] ? decoders[name](part) : toText.call(part, name);
    });
    method(Buffer, "isEncoding", function isEncoding(name) { return typeof name === "string" && Object.hasOwn(encodings, name.toLowerCase()); });
    // map and filter make a Buffer of a length, which its constructor does not do.
    const made = function (value, ...rest) { return typeof value === "number" ? Buffer.alloc(value) : new Buffer(value, ...rest); };
    defineProperty(Buffer, Symbol.species, { get: () => made, configurable: true });
    const { prototype } = Buffer;
    if (!Object.hasOwn(prototype, "equals")) {
      method(prototype, "equals", function equals(other) { return Buffer.compare(this, other) === 0; });
    }
    if (!Object.hasOwn(prototype, "toJSON")) {
      method(prototype, "toJSON", function toJSON() { return { type: "Buffer", data: Array.from(this) }; });
    }
    return Buffer;
  };
})
