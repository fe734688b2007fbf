(function (native, exports, global) {
  "use strict";

  const define = (name, value) =>
    Object.defineProperty(global, name, { value, writable: true, configurable: true, enumerable: name[0] === name[0].toLowerCase() });

  const bytesOf = (v) => {
    if (v === undefined) return new Uint8Array(0);
    if (v instanceof ArrayBuffer) return new Uint8Array(v);
    if (ArrayBuffer.isView(v)) return new Uint8Array(v.buffer, v.byteOffset, v.byteLength);
    throw new TypeError("the argument must be an ArrayBuffer or a view of one");
  };

  define("TextEncoder", class TextEncoder {
    get encoding() { return "utf-8"; }
    encode(text = "") { return new Uint8Array(native.utf8(`${text}`)); }
    encodeInto(text, target) {
      let read = 0, written = 0;
      for (const c of `${text}`) {
        const bytes = new Uint8Array(native.utf8(c));
        if (written + bytes.length > target.length) break;
        target.set(bytes, written);
        written += bytes.length;
        read += c.length;
      }
      return { read, written };
    }
  });

  const labels = { "utf-8": "utf-8", utf8: "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-16le": "utf-16le", "utf-16": "utf-16le",
    latin1: "windows-1252", ascii: "windows-1252", "iso-8859-1": "windows-1252", "windows-1252": "windows-1252" };
  define("TextDecoder", class TextDecoder {
    #encoding; #fatal; #ignoreBOM; #rest = new Uint8Array(0);
    constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
      this.#encoding = labels[`${label}`.trim().toLowerCase()];
      if (!this.#encoding) throw new RangeError(`the "${label}" encoding is not supported`);
      this.#fatal = !!fatal;
      this.#ignoreBOM = !!ignoreBOM;
    }
    get encoding() { return this.#encoding; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#ignoreBOM; }
    decode(input, { stream = false } = {}) {
      let bytes = bytesOf(input);
      if (this.#rest.length) {
        const all = new Uint8Array(this.#rest.length + bytes.length);
        all.set(this.#rest);
        all.set(bytes, this.#rest.length);
        bytes = all;
        this.#rest = new Uint8Array(0);
      }
      const keep = stream ? native.incomplete(bytes, this.#encoding) : 0;
      if (keep) {
        this.#rest = bytes.slice(bytes.length - keep);
        bytes = bytes.subarray(0, bytes.length - keep);
      }
      return native.decode(bytes, this.#encoding, this.#fatal, this.#ignoreBOM);
    }
  });

  class DOMException extends Error {
    #name; #code;
    static codes = { IndexSizeError: 1, NotFoundError: 8, NotSupportedError: 9, InvalidStateError: 11, SyntaxError: 12,
      InvalidCharacterError: 5, NetworkError: 19, AbortError: 20, TimeoutError: 23, DataCloneError: 25 };
    constructor(message = "", name = "Error") {
      super(message);
      this.#name = typeof name === "object" ? name.name ?? "Error" : `${name}`;
      this.#code = DOMException.codes[this.#name] ?? 0;
      if (name?.cause !== undefined) Object.defineProperty(this, "cause", { value: name.cause, configurable: true, writable: true });
    }
    get name() { return this.#name; }
    get code() { return this.#code; }
  }
  define("DOMException", DOMException);

  define("btoa", function btoa(text) {
    text = `${text}`;
    for (let i = 0; i < text.length; i++) {
      if (text.charCodeAt(i) > 255) throw new DOMException("Invalid character", "InvalidCharacterError");
    }
    return native.btoa(text);
  });
  define("atob", function atob(text) {
    const out = native.atob(`${text}`);
    if (out === undefined) throw new DOMException("The string to be decoded is not correctly encoded.", "InvalidCharacterError");
    return out;
  });

  const clone = (v, seen) => {
    if (typeof v === "symbol") throw new DOMException(`${String(v)} could not be cloned.`, "DataCloneError");
    if (typeof v === "function") throw new DOMException(`${v} could not be cloned.`, "DataCloneError");
    if (typeof v !== "object" || v === null) return v;
    if (seen.has(v)) return seen.get(v);
    const keep = (copy) => { seen.set(v, copy); return copy; };
    if (Array.isArray(v)) {
      const copy = keep(new Array(v.length));
      for (const k of Object.keys(v)) copy[k] = clone(v[k], seen);
      return copy;
    }
    if (v instanceof Date) return keep(new Date(v.getTime()));
    if (v instanceof RegExp) return keep(new RegExp(v.source, v.flags));
    if (v instanceof Map) {
      const copy = keep(new Map());
      for (const [k, x] of v) copy.set(clone(k, seen), clone(x, seen));
      return copy;
    }
    if (v instanceof Set) {
      const copy = keep(new Set());
      for (const x of v) copy.add(clone(x, seen));
      return copy;
    }
    if (v instanceof ArrayBuffer) return keep(v.slice(0));
    if (v instanceof DataView) return keep(new DataView(clone(v.buffer, seen), v.byteOffset, v.byteLength));
    if (ArrayBuffer.isView(v)) {
      const Type = global[v[Symbol.toStringTag]];
      return keep(new Type(clone(v.buffer, seen), v.byteOffset, v.length));
    }
    if (v instanceof Error) {
      const types = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
      const e = keep(new (types[v.name] ?? Error)(v.message));
      Object.defineProperty(e, "stack", { value: v.stack, writable: true, configurable: true });
      if (Object.hasOwn(v, "cause")) Object.defineProperty(e, "cause", { value: clone(v.cause, seen), writable: true, configurable: true });
      return e;
    }
    if (v instanceof Boolean || v instanceof Number || v instanceof String) return keep(Object(v.valueOf()));
    if (v instanceof Promise || v instanceof WeakMap || v instanceof WeakSet) {
      throw new DOMException(`${Object.prototype.toString.call(v).replace("[object ", "#<").replace("]", ">")} could not be cloned.`, "DataCloneError");
    }
    const copy = keep({});
    for (const k of Object.keys(v)) copy[k] = clone(v[k], seen);
    return copy;
  };
  define("structuredClone", function structuredClone(value) {
    if (arguments.length === 0) throw new TypeError("The \"value\" argument must be specified");
    return clone(value, new Map());
  });
})
