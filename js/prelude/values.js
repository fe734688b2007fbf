(function (native, exports, global) {
  "use strict";

  // Taken now: the file may change what it likes later.
  const { getPrototypeOf, getOwnPropertyDescriptor, getOwnPropertyNames, keys } = Object;
  const { isArray } = Array;
  const sourceOf = Function.prototype.toString;
  // What is no JSON is told as Node tells it.
  const { parse } = JSON;
  Object.defineProperty(JSON, "parse", { writable: true, configurable: true, enumerable: false, value: { parse(text, ...rest) {
    try {
      return parse(text, ...rest);
    } catch (e) {
      if (!(e instanceof SyntaxError)) throw e;
      throw new SyntaxError(native.jsonMistake(`${text}`));
    }
  } }.parse });
  native.parse = JSON.parse;
  native.stringify = JSON.stringify;
  native.sourceOf = (f) => sourceOf.call(f);

  // watched is an object of which it is noted what was read and is not there.
  native.watched = (target, source) => new Proxy(target, {
    get(target, key) {
      const value = target[key];
      if (value === undefined && typeof key === "string" && key !== "then" && key !== "toJSON" && !(key in target)) return native.missing(source, key);
      return value;
    },
  });

  const isClass = (f) => {
    try {
      return /^class\b/.test(sourceOf.call(f));
    } catch {
      return false;
    }
  };
  const article = (name) => (/^[AEIO]/.test(name) ? `an ${name}` : `a ${name}`);

  // kind says what an object is for the fields of a definition.
  native.kind = (v) => {
    if (typeof v === "function") {
      const path = native.placeholderPath(v);
      if (path !== undefined) return ["placeholder", path];
      return isClass(v) ? ["class", typeof v.name === "string" ? v.name : ""] : ["a function"];
    }
    if (isArray(v)) return ["array"];
    const proto = getPrototypeOf(v);
    if (proto === null || proto === Object.prototype || native.isNamespace(v)) return ["object"];
    const name = proto.constructor?.name;
    return [typeof name === "string" && name !== "" ? article(name) : "an instance of a class without a name"];
  };

  // fields lists what an instance has, as [name, is a method].
  native.fields = (instance) => {
    const out = [], seen = new Set();
    for (const key of keys(instance)) {
      seen.add(key);
      out.push([key, false]);
    }
    const base = exports.Service.prototype;
    for (let p = getPrototypeOf(instance); p !== null && p !== base && p !== Object.prototype; p = getPrototypeOf(p)) {
      for (const key of getOwnPropertyNames(p)) {
        if (key === "constructor" || seen.has(key)) continue;
        seen.add(key);
        const descriptor = getOwnPropertyDescriptor(p, key);
        if (descriptor.get) out.push([key, false]);
        else if (typeof descriptor.value === "function") out.push([key, true]);
        else if ("value" in descriptor) out.push([key, false]);
      }
    }
    return out;
  };
})
