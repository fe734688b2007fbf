(function (native, exports, global) {
  "use strict";

  // inspect shows values as Node's util.inspect does, without colours.
  const { getPrototypeOf, getOwnPropertyDescriptor, hasOwn, is } = Object;
  const lineWidth = 80;
  const identifier = /^[a-zA-Z_][a-zA-Z_0-9]*$/;

  const escapes = { "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\\": "\\\\", "'": "\\'" };
  const quote = (s) => {
    let mark = "'";
    if (s.includes("'")) {
      if (!s.includes('"')) mark = '"';
      else if (!s.includes("`") && !s.includes("${")) mark = "`";
    }
    return mark + s.replace(/[\x00-\x1f\x27\x5c\x7f-\x9f]/g, (c) => {
      if (c === "'") return mark === "'" ? "\\'" : c;
      return escapes[c] ?? `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
    }) + mark;
  };

  const primitive = (v, ctx) => {
    if (typeof v === "string") {
      let rest = "";
      if (v.length > ctx.maxStringLength) {
        const more = v.length - ctx.maxStringLength;
        v = v.slice(0, ctx.maxStringLength);
        rest = `... ${more} more character${more > 1 ? "s" : ""}`;
      }
      if (!ctx.compactStrings && v.length > 16 && v.length > ctx.breakLength - ctx.indent - 4) {
        return v.split(/(?<=\n)/).map(quote).join(` +\n${" ".repeat(ctx.indent + 2)}`) + rest;
      }
      return quote(v) + rest;
    }
    if (is(v, -0)) return "-0";
    if (typeof v === "bigint") return `${v}n`;
    return String(v);
  };

  const tagOf = (v) => {
    try {
      return Object.prototype.toString.call(v).slice(8, -1);
    } catch {
      return "Object";
    }
  };
  const constructorOf = (v) => {
    for (let o = v; o !== null; o = getPrototypeOf(o)) {
      const d = getOwnPropertyDescriptor(o, "constructor");
      if (d !== undefined && typeof d.value === "function" && d.value.name !== "" && v instanceof d.value) return d.value.name;
    }
    return null;
  };
  const prefix = (v, name, fallback, size = "") => {
    const tag = v[Symbol.toStringTag];
    const extra = typeof tag === "string" && tag !== "" && tag !== name ? ` [${tag}]` : "";
    if (name === null) return `[${fallback}${size}: null prototype]${extra} `;
    return `${name}${size}${extra} `;
  };

  const keysOf = (v, ctx) => {
    const keys = Object.keys(v);
    for (const s of Object.getOwnPropertySymbols(v)) {
      if (getOwnPropertyDescriptor(v, s)?.enumerable) keys.push(s);
    }
    return ctx.showHidden ? Reflect.ownKeys(v) : keys;
  };
  const isIndex = (k) => typeof k === "string" && /^(0|[1-9]\d*)$/.test(k) && +k < 2 ** 32 - 1;

  const keyText = (k) => {
    if (typeof k === "symbol") return `[${String(k)}]`;
    if (k === "__proto__") return "['__proto__']";
    return identifier.test(k) ? k : quote(k);
  };
  const property = (ctx, v, key, kind) => {
    const d = getOwnPropertyDescriptor(v, key) ?? { value: v[key], enumerable: true };
    let text;
    if (d.get !== undefined) text = d.set !== undefined ? "[Getter/Setter]" : "[Getter]";
    else if (d.set !== undefined) text = "[Setter]";
    else {
      const diff = 2;
      ctx.indent += diff;
      text = show(ctx, d.value);
      ctx.indent -= diff;
    }
    if (kind === "element") return text;
    return `${d.enumerable === false ? `[${String(key)}]` : keyText(key)}: ${text}`;
  };

  const more = (n) => `... ${n} more item${n > 1 ? "s" : ""}`;

  const arrayItems = (ctx, v) => {
    const out = [];
    let i = 0;
    for (; i < v.length && out.length < ctx.maxArrayLength; i++) {
      if (hasOwn(v, i)) {
        out.push(property(ctx, v, `${i}`, "element"));
        continue;
      }
      const from = i;
      while (i + 1 < v.length && !hasOwn(v, i + 1) && i - from < 1e6) i++;
      const n = i - from + 1;
      out.push(`<${n} empty item${n > 1 ? "s" : ""}>`);
    }
    if (i < v.length) out.push(more(v.length - i));
    return out;
  };
  const typedItems = (ctx, v) => {
    const n = Math.min(v.length, ctx.maxArrayLength), out = [];
    for (let i = 0; i < n; i++) out.push(primitive(v[i], ctx));
    if (v.length > n) out.push(more(v.length - n));
    return out;
  };
  const nested = (ctx, f) => {
    ctx.indent += 2;
    const out = f();
    ctx.indent -= 2;
    return out;
  };
  const mapItems = (ctx, v) => nested(ctx, () => {
    const out = [];
    for (const [k, x] of v) {
      if (out.length >= ctx.maxArrayLength) { out.push(more(v.size - out.length)); break; }
      out.push(`${show(ctx, k)} => ${show(ctx, x)}`);
    }
    return out;
  });
  const setItems = (ctx, v) => nested(ctx, () => {
    const out = [];
    for (const x of v) {
      if (out.length >= ctx.maxArrayLength) { out.push(more(v.size - out.length)); break; }
      out.push(show(ctx, x));
    }
    return out;
  });

  const functionBase = (v, name, tag) => {
    const source = Function.prototype.toString.call(v);
    if (/^class\b/.test(source)) {
      let base = hasOwn(v, "name") && v.name ? `[class ${v.name}` : "[class (anonymous)";
      if (name !== "Function" && name !== null) base += ` [${name}]`;
      const parent = getPrototypeOf(v)?.name;
      if (parent) base += ` extends ${parent}`;
      else if (getPrototypeOf(v) === null) base += " extends null";
      return `${base}]`;
    }
    const type = tag === "Function" ? "Function" : tag;
    return `[${type}${typeof v.name === "string" && v.name !== "" ? `: ${v.name}` : " (anonymous)"}]`;
  };

  const errorText = (ctx, v) => {
    let stack = typeof v.stack === "string" && v.stack !== "" ? native.tidy(v.stack) : Error.prototype.toString.call(v);
    const name = v.name ?? "Error", own = constructorOf(v);
    const first = stack.split("\n", 1)[0];
    if (own && !first.includes(own) && typeof name === "string" && first.startsWith(name)) {
      stack = stack.replace(name, name === "Error" || own.endsWith(name) ? own : `${name} [${own}]`);
    }
    if (!/\n\s+at /.test(stack)) stack = `[${stack}]`;
    return ctx.indent > 0 ? stack.replaceAll("\n", `\n${" ".repeat(ctx.indent)}`) : stack;
  };

  // The columns of long arrays, as Node's groupArrayElements lays them out.
  const grouped = (ctx, output, value) => {
    let total = 0, longest = 0;
    let n = output.length;
    if (ctx.more) n--;
    const lengths = [];
    for (let i = 0; i < n; i++) {
      lengths[i] = output[i].length;
      total += lengths[i] + 2;
      longest = Math.max(longest, lengths[i]);
    }
    const actual = longest + 2;
    if (!(actual * 3 + ctx.indent < lineWidth && (total / actual > 5 || longest <= 6))) return output;
    const averageBias = Math.sqrt(actual - total / output.length);
    const biasedMax = Math.max(actual - 3 - averageBias, 1);
    const columns = Math.min(
      Math.round(Math.sqrt(2.5 * biasedMax * n) / biasedMax),
      Math.floor((lineWidth - ctx.indent) / actual),
      3 * 4, 15);
    if (columns <= 1) return output;
    const out = [], widths = [];
    for (let i = 0; i < columns; i++) {
      let width = 0;
      for (let j = i; j < n; j += columns) width = Math.max(width, lengths[j]);
      widths.push(width + 2);
    }
    const start = value !== undefined && value.every?.((x) => typeof x === "number" || typeof x === "bigint");
    for (let i = 0; i < n; i += columns) {
      const max = Math.min(i + columns, n);
      let row = "", j = i;
      for (; j < max - 1; j++) {
        const cell = `${output[j]}, `;
        row += start ? cell.padStart(widths[j - i]) : cell.padEnd(widths[j - i]);
      }
      row += start ? output[j].padStart(widths[j - i] - 2) : output[j];
      out.push(row);
    }
    if (ctx.more) out.push(output[n]);
    return out;
  };

  const reduce = (ctx, output, base, open, close, kind, depth, value) => {
    const entries = output.length;
    if (kind === "array" && entries > 6 && ctx.compact > 0) output = grouped(ctx, output, value);
    if (ctx.depthNow - depth < ctx.compact && entries === output.length) {
      const start = output.length + ctx.indent + open.length + base.length + 10;
      let length = output.length + start;
      for (const o of output) length += o.length;
      if (length <= lineWidth && !output.some((o) => o.includes("\n")) && (base === "" || !base.includes("\n"))) {
        const joined = output.join(", ");
        if (!joined.includes("\n")) return `${base ? `${base} ` : ""}${open} ${joined} ${close}`;
      }
    }
    const indent = `\n${" ".repeat(ctx.indent)}`;
    return `${base ? `${base} ` : ""}${open}${indent}  ${output.join(`,${indent}  `)}${indent}${close}`;
  };

  const show = (ctx, v) => {
    if (typeof v !== "object" && typeof v !== "function" || v === null) return primitive(v, ctx);
    const path = native.placeholderPath(v);
    if (path !== undefined) return `{${path}}`;
    const custom = v[Symbol.for("nodejs.util.inspect.custom")];
    if (typeof custom === "function" && custom !== inspect) {
      const out = custom.call(v, ctx.depth - ctx.level, { ...ctx.options }, inspect);
      if (out !== v) return typeof out === "string" ? out.replaceAll("\n", `\n${" ".repeat(ctx.indent)}`) : show(ctx, out);
    }
    if (ctx.seen.includes(v)) {
      let index = ctx.circular.get(v);
      if (index === undefined) ctx.circular.set(v, (index = ctx.circular.size + 1));
      return `[Circular *${index}]`;
    }
    return showObject(ctx, v);
  };

  const showObject = (ctx, v) => {
    const name = constructorOf(v), tag = tagOf(v);
    let keys, items = () => [], base = "", open = "{", close = "}", kind = "object", head = "";
    if (Array.isArray(v)) {
      keys = keysOf(v, ctx).filter((k) => !isIndex(k));
      head = name !== "Array" || typeof v[Symbol.toStringTag] === "string" ? prefix(v, name, "Array", `(${v.length})`) : "";
      open = `${head}[`; close = "]"; kind = "array";
      if (v.length === 0 && keys.length === 0) return `${open}]`;
      items = () => arrayItems(ctx, v);
    } else if (v instanceof Map) {
      keys = keysOf(v, ctx);
      open = `${prefix(v, name, "Map", `(${v.size})`).replace(" [Map]", "")}{`;
      if (v.size === 0 && keys.length === 0) return `${open}}`;
      items = () => mapItems(ctx, v);
    } else if (v instanceof Set) {
      keys = keysOf(v, ctx);
      open = `${prefix(v, name, "Set", `(${v.size})`).replace(" [Set]", "")}{`;
      if (v.size === 0 && keys.length === 0) return `${open}}`;
      items = () => setItems(ctx, v);
    } else if (ArrayBuffer.isView(v) && !(v instanceof DataView)) {
      keys = keysOf(v, ctx).filter((k) => !isIndex(k));
      if (name === "Buffer") {
        const hex = Array.from(v.subarray(0, 50), (b) => b.toString(16).padStart(2, "0"));
        if (v.length > 50) hex.push(`... ${v.length - 50} more byte${v.length > 51 ? "s" : ""}`);
        return `<Buffer${hex.length ? " " : ""}${hex.join(" ")}>`;
      }
      open = `${prefix(v, name, tag, `(${v.length})`).replace(` [${tag}]`, "")}[`; close = "]"; kind = "array";
      if (v.length === 0 && keys.length === 0) return `${open}]`;
      items = () => typedItems(ctx, v);
    } else {
      keys = keysOf(v, ctx);
      if (typeof v === "function") {
        base = functionBase(v, name, tag);
        if (keys.length === 0) return base;
      } else if (v instanceof RegExp) {
        base = RegExp.prototype.toString.call(v);
        if (keys.length === 0) return base;
      } else if (v instanceof Date) {
        base = Number.isNaN(v.getTime()) ? "Invalid Date" : v.toISOString();
        if (keys.length === 0) return base;
      } else if (v instanceof Error) {
        keys = keys.filter((k) => k !== "stack" && k !== "message" && !(k === "name" && `${v.stack}`.includes(v.name)));
        for (const extra of ["cause", "errors"]) {
          if (hasOwn(v, extra) && !keys.includes(extra) && v[extra] !== undefined) keys.push(extra);
        }
        base = errorText(ctx, v);
        if (keys.length === 0) return base;
      } else if (v instanceof Promise) {
        open = `${prefix(v, name, "Promise").replace(" [Promise]", "")}{`;
        items = () => nested(ctx, () => {
          const [state, value] = native.promise(v);
          return [state === "pending" ? "<pending>" : state === "rejected" ? `<rejected> ${show(ctx, value)}` : show(ctx, value)];
        });
      } else if (v instanceof WeakMap || v instanceof WeakSet) {
        return `${name ?? tag} { <items unknown> }`;
      } else if (v instanceof ArrayBuffer) {
        const bytes = new Uint8Array(v);
        const hex = Array.from(bytes.subarray(0, 50), (b) => b.toString(16).padStart(2, "0"));
        if (bytes.length > 50) hex.push(`... ${bytes.length - 50} more byte${bytes.length > 51 ? "s" : ""}`);
        open = `${prefix(v, name, "ArrayBuffer").replace(" [ArrayBuffer]", "")}{`;
        items = () => [`[Uint8Contents]: <${hex.join(" ")}>`, `byteLength: ${v.byteLength}`];
      } else if (v instanceof Number || v instanceof String || v instanceof Boolean) {
        const type = v instanceof Number ? "Number" : v instanceof String ? "String" : "Boolean";
        if (type === "String") keys = keys.filter((k) => !isIndex(k));
        base = `[${type}${name && name !== type ? ` (${name})` : ""}: ${primitive(v.valueOf(), { ...ctx, compactStrings: true })}]`;
        if (keys.length === 0) return base;
      } else if (tag === "Arguments") {
        open = "[Arguments] {";
        if (keys.length === 0) return "[Arguments] {}";
      } else if (/ Iterator$/.test(tag)) {
        return `[${tag}] {  }`;
      } else if (tag === "Generator") {
        return "Object [Generator] {}";
      } else if (tag === "Module") {
        open = "[Module: null prototype] {";
      } else {
        const plain = name === "Object" && typeof v[Symbol.toStringTag] !== "string";
        open = plain ? "{" : `${prefix(v, name, "Object")}{`;
        if (keys.length === 0) return `${open}}`;
      }
    }
    if (ctx.level > ctx.depth) {
      const shown = name === null ? `${tag}: null prototype` : prefix(v, name, tag).trimEnd();
      return Array.isArray(v) ? "[Array]" : `[${shown}]`;
    }
    if (ctx.options.sorted) keys.sort((a, b) => (String(a) < String(b) ? -1 : 1));
    const level = ++ctx.level - 1;
    ctx.depthNow = level;
    ctx.seen.push(v);
    let output;
    try {
      output = items();
      ctx.more = kind === "array" && output.length > ctx.maxArrayLength;
      for (const key of keys) output.push(property(ctx, v, key, kind));
    } finally {
      ctx.seen.pop();
      ctx.level--;
    }
    const index = ctx.circular.get(v);
    if (index !== undefined) {
      if (base === "") open = `<ref *${index}> ${open}`;
      else base = `<ref *${index}> ${base}`;
    }
    return reduce(ctx, output, base, open, close, kind, level, kind === "array" ? v : undefined);
  };

  const inspect = (v, options) => {
    if (options === null || typeof options !== "object") options = {};
    const limit = (x, fallback) => (x === null ? Infinity : x ?? fallback);
    return show({
      depth: limit(options.depth, 2), maxArrayLength: limit(options.maxArrayLength, 100), maxStringLength: limit(options.maxStringLength, 10000),
      showHidden: !!options.showHidden, breakLength: options.breakLength ?? lineWidth, compact: options.compact === false ? 0 : 3, options,
      seen: [], circular: new Map(), indent: 0, level: 0, depthNow: 0, more: false,
    }, v);
  };
  inspect.custom = Symbol.for("nodejs.util.inspect.custom");
  native.inspect = inspect;

  const asText = (v) => {
    if (typeof v === "bigint") return `${v}n`;
    if (typeof v === "symbol") return String(v);
    if (typeof v === "object" && v !== null || typeof v === "function") return inspect(v, { depth: 0 });
    return is(v, -0) ? "-0" : String(v);
  };
  native.format = (args) => {
    let out = "", used = 0;
    if (typeof args[0] === "string" && args.length > 1) {
      used = 1;
      out = args[0].replace(/%[sdifjoOc%]/g, (spec) => {
        if (spec === "%%") return "%";
        if (used >= args.length) return spec;
        const v = args[used++];
        switch (spec) {
          case "%s":
            if (typeof v === "object" && v !== null && typeof v.toString === "function" && v.toString !== Object.prototype.toString &&
              v.toString !== Error.prototype.toString && !Array.isArray(v) && !(v instanceof Date)) return String(v);
            return typeof v === "string" ? v : asText(v);
          case "%d": return typeof v === "bigint" ? `${v}n` : typeof v === "symbol" ? "NaN" : typeof v === "object" ? String(Number(v)) : asText(Number(v));
          case "%i": return typeof v === "bigint" ? `${v}n` : typeof v === "symbol" ? "NaN" : asText(parseInt(v));
          case "%f": return typeof v === "symbol" ? "NaN" : asText(parseFloat(v));
          case "%j":
            try {
              return JSON.stringify(v);
            } catch (e) {
              if (/circular/i.test(e.message)) return "[Circular]";
              throw e;
            }
          case "%o": return inspect(v, { showHidden: true, depth: 4 });
          case "%O": return inspect(v);
          default: return ""; // %c
        }
      });
    }
    const rest = args.slice(used).map((v) => (typeof v === "string" ? v : inspect(v)));
    if (used) rest.unshift(out);
    return rest.join(" ");
  };

  // equal compares deeply; loosely, values with == and objects of any class.
  const equal = (a, b, seen, loose) => {
    if (is(a, b)) return true;
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
      return loose && (a === null || typeof a !== "object") && (b === null || typeof b !== "object") && (a == b || a !== a && b !== b);
    }
    if (!loose && getPrototypeOf(a) !== getPrototypeOf(b) || tagOf(a) !== tagOf(b)) return false;
    if (seen.get(a) === b) return true;
    seen.set(a, b);
    const inner = (x, y) => equal(x, y, seen, loose);
    if (Array.isArray(a) && a.length !== b.length) return false;
    if (a instanceof Date && !is(a.getTime(), b.getTime())) return false;
    if (a instanceof RegExp && (String(a) !== String(b) || a.lastIndex !== b.lastIndex)) return false;
    if (a instanceof Error && (a.message !== b.message || a.name !== b.name)) return false;
    if ((a instanceof Number || a instanceof String || a instanceof Boolean) && !is(a.valueOf(), b.valueOf())) return false;
    if (a instanceof Map) {
      if (a.size !== b.size) return false;
      for (const [k, v] of a) {
        if (b.has(k) ? !inner(v, b.get(k)) : ![...b].some(([k2, v2]) => inner(k, k2) && inner(v, v2))) return false;
      }
    }
    if (a instanceof Set) {
      if (a.size !== b.size) return false;
      for (const v of a) if (!b.has(v) && ![...b].some((x) => inner(v, x))) return false;
    }
    const keysIn = (o) => Reflect.ownKeys(o).filter((k) => getOwnPropertyDescriptor(o, k).enumerable && !(loose && typeof k === "symbol"));
    const keys = keysIn(a);
    return keys.length === keysIn(b).length && keys.every((k) => hasOwn(b, k) && inner(a[k], b[k]));
  };
  native.isDeepEqual = (a, b) => equal(a, b, new Map(), true);
  native.isDeepStrictEqual = (a, b) => equal(a, b, new Map(), false);
})
