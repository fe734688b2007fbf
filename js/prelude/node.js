(function (native, exports, global) {
  "use strict";

  // What goja_nodejs leaves out of URL and Buffer, or does in another way.
  const { defineProperty } = Object;
  const method = (on, name, value) => defineProperty(on, name, { value, writable: true, configurable: true, enumerable: false });

  native.completeURL = (Base) => {
    class URL extends Base {
      constructor(url, base) {
        try {
          super(...arguments);
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
