(function (native, exports, global) {
  "use strict";

  // What Node says of arguments that are wrong.
  const quote = (kinds) => {
    const classes = kinds.filter((k) => /^[A-Z]/.test(k)), types = kinds.filter((k) => !/^[A-Z]/.test(k));
    const list = (words, last) => (words.length < 2 ? words.join("") : words.length === 2 ? words.join(` ${last} `)
      : `${words.slice(0, -1).join(", ")}, ${last} ${words.at(-1)}`);
    const parts = [];
    if (types.length) parts.push(types.length > 1 ? `one of type ${list(types, "or")}` : `of type ${types[0]}`);
    if (classes.length) parts.push(`an instance of ${list(classes, "or")}`);
    return parts.join(" or ");
  };
  native.received = (v) => {
    if (v == null) return ` Received ${v}`;
    if (typeof v === "function") return ` Received function ${v.name}`;
    if (typeof v === "object") {
      return v.constructor?.name ? ` Received an instance of ${v.constructor.name}` : ` Received ${native.inspect(v, { depth: -1 })}`;
    }
    let text = native.inspect(v, { colors: false });
    if (text.length > 28) text = `${text.slice(0, 25)}...`;
    return ` Received type ${typeof v} (${text})`;
  };
  const coded = (Type, code, message) => {
    const e = new Type(message);
    Object.defineProperty(e, "code", { value: code, writable: true, configurable: true, enumerable: true });
    return e;
  };
  native.invalidType = (name, kinds, value) => coded(TypeError, "ERR_INVALID_ARG_TYPE",
    `The "${name}" ${name.includes(".") ? "property" : "argument"} must be ${quote(kinds)}.${native.received(value)}`);
  native.invalidValue = (name, value, reason = "is invalid") => coded(TypeError, "ERR_INVALID_ARG_VALUE",
    `The ${name.includes(".") ? "property" : "argument"} '${name}' ${reason}. Received ${native.inspect(value)}`);
  native.coded = coded;
})
