(function (native, exports, global) {
  "use strict";

  class Timer {
    #id;
    constructor(callback, ms, args, repeat) {
      if (typeof callback !== "function") {
        throw new TypeError(`the first argument of a timer must be a function, not ${typeof callback}`);
      }
      this.#id = native.timer(args.length ? () => callback(...args) : callback, ms ?? 0, repeat);
    }
    ref() { return this; }
    unref() { return this; }
    hasRef() { return true; }
    close() { native.clear(this.#id); return this; }
    [Symbol.toPrimitive]() { return this.#id; }
  }

  const clear = (timer) => {
    if (timer != null && !Number.isNaN(+timer)) native.clear(+timer);
  };
  const define = (name, value) =>
    Object.defineProperty(global, name, { value, writable: true, configurable: true, enumerable: true });

  define("setTimeout", function setTimeout(callback, ms, ...args) { return new Timer(callback, ms, args, false); });
  define("setInterval", function setInterval(callback, ms, ...args) { return new Timer(callback, ms, args, true); });
  define("setImmediate", function setImmediate(callback, ...args) { return new Timer(callback, 0, args, false); });
  define("clearTimeout", function clearTimeout(timer) { clear(timer); });
  define("clearInterval", function clearInterval(timer) { clear(timer); });
  define("clearImmediate", function clearImmediate(timer) { clear(timer); });

  exports.sleep = function sleep(ms) {
    if (typeof ms !== "number" || !(ms >= 0)) throw new TypeError("sleep takes a number of milliseconds");
    return new Promise((resolve) => { native.timer(() => resolve(), ms, false); });
  };
})
