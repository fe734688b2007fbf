(function (native, exports, global) {
  "use strict";

  // goja has no async iteration. esbuild lowers it, and falls back to this
  // symbol where the real one is missing.
  if (Symbol.asyncIterator === undefined) {
    Object.defineProperty(Symbol, "asyncIterator", { value: Symbol.for("Symbol.asyncIterator") });
  }
})
