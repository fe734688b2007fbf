(function (native, exports, global) {
  "use strict";

  const define = (on, name, value) =>
    Object.defineProperty(on, name, { value, writable: true, configurable: true, enumerable: true });

  define(global, "queueMicrotask", function queueMicrotask(callback) {
    if (typeof callback !== "function") throw new TypeError("queueMicrotask takes a function");
    Promise.resolve().then(() => {
      try {
        callback();
      } catch (e) {
        native.uncaught(e);
      }
    });
  });

  const clock = { now: () => native.now(), timeOrigin: Date.now() - native.now(), toJSON() { return { timeOrigin: clock.timeOrigin }; } };
  define(global, "performance", clock);

  const randomBytes = (n) => new Uint8Array(native.random(n));
  define(global, "crypto", {
    randomUUID: () => native.uuid(),
    getRandomValues(array) {
      if (!ArrayBuffer.isView(array) || array instanceof DataView || array instanceof Float32Array || array instanceof Float64Array) {
        throw new TypeError("crypto.getRandomValues takes an array of integers");
      }
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(randomBytes(array.byteLength));
      return array;
    },
  });
})
