(function (native, exports, global) {
  "use strict";

  const { getPrototypeOf, defineProperty } = Object;
  const identifier = /^[A-Za-z_$][\w$]*$/;
  const join = (path, key) => {
    if (typeof key === "symbol") return path;
    if (/^(0|[1-9]\d*)$/.test(key)) return `${path}[${key}]`;
    if (!identifier.test(key)) return `${path}[${JSON.stringify(key)}]`;
    return path === "" ? key : `${path}.${key}`;
  };

  // Placeholders stand for values that are not there while the file is loaded.
  const paths = new WeakMap();
  let touched, ever; // path of the last one used: since untouch, and at all
  native.placeholderPath = (v) => (typeof v === "function" ? paths.get(v) : undefined);
  native.touched = () => touched;
  native.everTouched = () => touched ?? ever;
  native.untouch = () => { touched = undefined; };

  native.placeholder = (path) => placeholder(path);

  const nothing = () => ({ next: () => ({ done: true, value: undefined }), [Symbol.iterator]() { return this; } });
  const placeholder = (path) => {
    touched = ever = path;
    const string = () => native.awaited(path);
    const self = new Proxy(() => {}, {
      get(_, key) {
        touched = path;
        switch (key) {
          case Symbol.toPrimitive: return (hint) => (hint === "number" ? NaN : string());
          case Symbol.iterator: return nothing;
          case "toString": case "valueOf": case "toJSON": case "toLocaleString": return string;
          case "then": return undefined; // or await would wait for ever
          case "prototype": return undefined;
        }
        return typeof key === "symbol" ? undefined : placeholder(join(path, key));
      },
      apply: () => self,
      construct: () => self,
      has: () => false,
      set: () => true,
      defineProperty: () => true,
      deleteProperty: () => true,
      ownKeys: () => [],
      getOwnPropertyDescriptor: () => undefined,
      getPrototypeOf: () => null,
      setPrototypeOf: () => true,
      isExtensible: () => true,
      preventExtensions: () => false,
    });
    paths.set(self, path);
    return self;
  };

  // The values themselves: plain JSON. What the file sees is proxies of them.
  const root = {};
  const raws = new WeakMap(); // proxy to what it stands for
  const proxies = new WeakMap(); // and back
  const raw = (v) => raws.get(v) ?? v;

  const at = (path) => (path === "" || path.startsWith("[") ? `context${path}` : `context.${path}`);
  const refuse = (path, what) => {
    throw new TypeError(`${at(path)} cannot be ${what}: the context keeps JSON values only`);
  };
  const refuseKey = (path, key) => {
    throw new TypeError(`${at(path)} cannot have the key ${String(key)}: the context keeps JSON values only`);
  };
  // Who put an object there may still hold it, and change it unseen.
  const owners = new WeakMap(); // object to the hook that put it there
  let around = []; // what the value is part of that was checked last
  // check throws where a value cannot be saved as JSON.
  const check = (value, path, above) => {
    around = above;
    value = raw(value);
    switch (typeof value) {
      case "string": case "boolean": return;
      case "number":
        if (!Number.isFinite(value)) refuse(path, String(value));
        return;
      case "undefined": throw new TypeError(`${at(path)} cannot be undefined: use null, or delete`);
      case "function": refuse(path, /^class\b/.test(Function.prototype.toString.call(value)) ? "a class" : "a function"); break;
      case "symbol": refuse(path, "a symbol"); break;
      case "bigint": refuse(path, "a BigInt"); break;
    }
    if (value === null) return;
    if (value instanceof Promise) refuse(path, "a Promise (is an await missing?)");
    const proto = getPrototypeOf(value);
    if (!Array.isArray(value) && proto !== null && proto !== Object.prototype) {
      const name = proto.constructor?.name;
      refuse(path, name ? `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}` : "an instance of a class");
    }
    if (above.includes(value)) throw new TypeError(`${at(path)} cannot contain itself: the context keeps JSON values only`);
    if (above.length > 100) throw new TypeError(`${at(path)} is nested too deeply`);
    const inside = [...above, value];
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) {
        const full = `${path}[${i}]`;
        if (!(i in value)) {
          around = inside;
          throw new TypeError(`${at(full)} cannot be empty: use null, or splice`);
        }
        check(value[i], full, inside);
      }
      return;
    }
    for (const key of Reflect.ownKeys(value)) {
      if (typeof key === "symbol") refuseKey(path, key);
      check(value[key], join(path, key), inside);
    }
  };

  const assign = (target, key, value, path, above) => {
    if (typeof key === "symbol") refuseKey(path, key);
    const full = join(path, key);
    if (Array.isArray(target) && key === "length") {
      if (value > target.length) throw new TypeError(`${at(full)} cannot be increased to ${value}: use push`);
      target.length = value;
      return true;
    }
    if (paths.has(value) && native.loading()) return true; // not there yet
    if (target === root) native.setBy(key);
    check(value, full, above);
    value = raw(value);
    if (typeof value === "object" && value !== null && !owners.has(value)) owners.set(value, native.hook());
    defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
    return true;
  };

  const wrap = (target, path, above) => {
    const known = proxies.get(target);
    if (known) return known;
    const inside = [...above, target];
    const proxy = new Proxy(target, {
      get(target, key) {
        const value = target[key];
        if (typeof value === "object" && value !== null) return wrap(value, join(path, key), inside);
        if (value === undefined && native.loading() && typeof key === "string" && key !== "then" && key !== "toJSON") {
          return placeholder(join(path, key));
        }
        if (value === undefined && typeof key === "string" && key !== "then" && key !== "toJSON") return native.missing("context", join(path, key));
        return value;
      },
      set: (target, key, value) => assign(target, key, value, path, inside),
      defineProperty(target, key, descriptor) {
        if (!("value" in descriptor)) refuse(join(path, key), "a getter or setter");
        return assign(target, key, descriptor.value, path, inside);
      },
      setPrototypeOf: () => false,
    });
    raws.set(proxy, target);
    proxies.set(target, proxy);
    return proxy;
  };

  exports.context = wrap(root, "", []);

  const stringify = JSON.stringify, parse = JSON.parse;
  const before = native.snapshot(); // see bind_context.go
  const checkRoot = (key) => check(root[key], join("", key), [root]);
  // What holds a value that cannot be saved stays as it was when it could.
  let saved = new Map(); // key of the root to JSON
  native.snapshot = () => {
    const now = new Map();
    for (const key of Object.keys(root)) {
      try {
        checkRoot(key);
        now.set(key, stringify(root[key]));
      } catch {
        if (saved.has(key)) now.set(key, saved.get(key));
      }
    }
    saved = now;
    return `{${Array.from(saved, ([key, json]) => `${stringify(key)}:${json}`).join(",")}}`;
  };
  native.texts = () => {
    const found = [];
    const visit = (value) => {
      if (typeof value === "string") {
        if (/[{}]/.test(value)) found.push(value);
      } else if (typeof value === "object" && value !== null) {
        for (const key of Object.keys(value)) visit(value[key]);
      }
    };
    visit(root);
    return found;
  };
  // checkContext throws where there are values that JSON cannot hold, which were
  // made unseen: at the end of a hook. It says so once. What belongs to another
  // hook that still runs is left to the end of that.
  let told = new Map(); // key of the root to message
  native.checkContext = (hook) => {
    const now = new Map(), found = [];
    for (const key of Object.keys(root)) {
      try {
        checkRoot(key);
      } catch (e) {
        const message = String(e?.message);
        const known = told.get(key) === message;
        if (!known && native.otherRuns(hook, owners.get(around.findLast((o) => owners.has(o))))) continue;
        if (!known) found.push(e);
        now.set(key, message);
      }
    }
    told = now;
    if (found.length === 1) throw found[0];
    if (found.length > 1) throw new TypeError(found.map((e) => e?.message).join("; "));
  };
  // What the file itself has set wins over what was saved.
  native.restore = (text) => {
    for (const [key, value] of Object.entries(parse(text))) {
      if (!Object.hasOwn(root, key)) {
        saved.set(key, stringify(value));
        defineProperty(root, key, { value, writable: true, enumerable: true, configurable: true });
      }
    }
  };
  // What a placeholder that the file has kept stands for after the load.
  native.resolve = (path) => {
    let value = root;
    for (const [, name, index, quoted] of path.matchAll(/([A-Za-z_$][\w$]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)) {
      if (value === null || typeof value !== "object") return undefined;
      value = value[name ?? index ?? parse(quoted)];
    }
    return value;
  };

  // While the file is loaded, what parses a placeholder gives another one.
  let undo = [];
  native.lenient = () => {
    const stands = (args) => touched !== undefined && args.some((a) => paths.has(a) || (typeof a === "string" && native.isAwaited(a)));
    const replace = (on, name, wrapped) => {
      const descriptor = Object.getOwnPropertyDescriptor(on, name);
      defineProperty(on, name, { value: wrapped, writable: true, configurable: true, enumerable: descriptor.enumerable });
      undo.push(() => defineProperty(on, name, descriptor));
    };
    JSON.parse = function parseLenient(text, ...rest) {
      try {
        return parse(text, ...rest);
      } catch (e) {
        if (native.loading() && stands([text])) return placeholder(touched);
        throw e;
      }
    };
    undo.push(() => { JSON.parse = parse; });
    const url = Object.getOwnPropertyDescriptor(global, "URL");
    const lenient = (URL) => new Proxy(URL, {
      // goja asks only functions for their instances.
      get: (target, key) => (key === Symbol.hasInstance ? (v) => v instanceof target : target[key]),
      construct(target, args, newTarget) {
        try {
          return Reflect.construct(target, args, newTarget);
        } catch (e) {
          if (native.loading() && stands(args)) return placeholder(touched);
          throw e;
        }
      },
    });
    // The getter of what is made later puts it in the place of this one.
    let real, mine, replaced = false;
    const install = () => defineProperty(global, "URL", {
      configurable: true,
      enumerable: url.enumerable,
      get: () => {
        if (mine) return mine;
        real = url.get ? url.get.call(global) : url.value;
        mine = lenient(real);
        install();
        return mine;
      },
      set: (value) => {
        replaced = true;
        defineProperty(global, "URL", { value, writable: true, configurable: true, enumerable: true });
      },
    });
    install();
    undo.push(() => {
      if (replaced) return;
      if (!mine) defineProperty(global, "URL", url);
      else defineProperty(global, "URL", { value: real, writable: true, configurable: true, enumerable: url.enumerable });
    });
  };
  native.strict = () => {
    undo.forEach((f) => f());
    undo = [];
  };

  native.restore(before);
  if (native.loading()) native.lenient();
})
