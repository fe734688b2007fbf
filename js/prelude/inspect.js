(function (native, exports, global) {
  "use strict";
  native.inspect = (v) => { try { return JSON.stringify(v) ?? String(v); } catch { return String(v); } };
  native.format = (args) => args.map((a) => typeof a === "string" ? a : native.inspect(a)).join(" ");
})
