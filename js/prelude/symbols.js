(function (native, exports, global) {
  "use strict";

  // goja has no async iteration. esbuild lowers it, and falls back to this
  // symbol where the real one is missing.
  if (Symbol.asyncIterator === undefined) {
    Object.defineProperty(Symbol, "asyncIterator", { value: Symbol.for("Symbol.asyncIterator") });
  }

  // shown has the instances of a class printed as Name { ... } with what
  // fields returns: they keep what they have in private fields.
  native.shown = (Class, fields) => {
    Object.defineProperty(Class.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value(depth, options, inspect) {
        const name = this.constructor?.name ?? Class.name;
        return `${name} ${inspect(fields(this), options)}`;
      },
      writable: true, configurable: true, enumerable: false,
    });
  };
})
