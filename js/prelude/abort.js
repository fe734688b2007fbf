(function (native, exports, global) {
  "use strict";

  const define = (name, value) =>
    Object.defineProperty(global, name, { value, writable: true, configurable: true, enumerable: false });
  const failure = (Type, code, message) => Object.assign(new Type(message), { code });
  const shown = (v) => (v === null ? "null" : typeof v === "object" || typeof v === "function"
    ? `an instance of ${v.constructor?.name ?? "Object"}` : `type ${typeof v} (${native.inspect(v)})`);

  // As much of EventTarget as a signal needs.
  class Event {
    constructor(type, target) {
      this.type = type;
      this.target = this.currentTarget = target;
    }
  }

  const key = {}; // who has it may make signals
  const abort = Symbol("abort");
  const dependants = Symbol("dependants");

  class AbortSignal {
    #aborted = false;
    #reason;
    #listeners = [];
    #handler = null;
    [dependants] = [];

    constructor(given) {
      if (given !== key) throw failure(TypeError, "ERR_ILLEGAL_CONSTRUCTOR", "Illegal constructor");
    }
    get aborted() { return this.#aborted; }
    get reason() { return this.#reason; }
    get onabort() { return this.#handler; }
    set onabort(f) {
      if (this.#handler) this.removeEventListener("abort", this.#call);
      this.#handler = typeof f === "function" ? f : null;
      if (this.#handler) this.addEventListener("abort", this.#call);
    }
    #call = (event) => this.#handler?.call(this, event);
    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }
    addEventListener(type, listener, options) {
      if (listener == null || this.#listeners.some((l) => l.type === `${type}` && l.listener === listener)) return;
      this.#listeners.push({ type: `${type}`, listener, once: !!options?.once });
    }
    removeEventListener(type, listener) {
      this.#listeners = this.#listeners.filter((l) => l.type !== `${type}` || l.listener !== listener);
    }
    dispatchEvent(event) {
      for (const l of [...this.#listeners]) {
        if (l.type !== event.type) continue;
        if (l.once) this.removeEventListener(l.type, l.listener);
        try {
          if (typeof l.listener === "function") l.listener.call(this, event);
          else l.listener.handleEvent(event);
        } catch (e) {
          native.uncaught(e); // one listener does not keep the others from hearing it
        }
      }
      return true;
    }
    [abort](reason) {
      if (this.#aborted) return;
      this.#aborted = true;
      this.#reason = reason;
      const followers = this[dependants];
      this[dependants] = [];
      this.dispatchEvent(new Event("abort", this));
      for (const signal of followers) signal[abort](reason);
    }
    get [Symbol.toStringTag]() { return "AbortSignal"; }

    static abort(reason = new global.DOMException("This operation was aborted", "AbortError")) {
      const signal = new AbortSignal(key);
      signal[abort](reason);
      return signal;
    }
    static timeout(delay) {
      if (typeof delay !== "number") {
        throw failure(TypeError, "ERR_INVALID_ARG_TYPE", `The "delay" argument must be of type number. Received ${shown(delay)}`);
      }
      if (!(delay >= 0 && delay <= 4294967295)) {
        throw failure(RangeError, "ERR_OUT_OF_RANGE",
          `The value of "delay" is out of range. It must be >= 0 && <= 4294967295. Received ${delay}`);
      }
      const signal = new AbortSignal(key);
      // Made here: what it aborts then points at the line that set the timeout.
      const reason = new global.DOMException("The operation was aborted due to timeout", "TimeoutError");
      // An interval: unlike a timeout it does not keep its hook's work open.
      const id = native.timer(() => {
        native.clear(id);
        signal[abort](reason);
      }, delay, true);
      return signal;
    }
    static any(signals) {
      if (!Array.isArray(signals)) {
        throw failure(TypeError, "ERR_INVALID_ARG_TYPE", `The "signals" argument must be an instance of Array. Received ${shown(signals)}`);
      }
      signals.forEach((signal, i) => {
        if (!(signal instanceof AbortSignal)) {
          throw failure(TypeError, "ERR_INVALID_ARG_TYPE",
            `The "signals[${i}]" argument must be an instance of AbortSignal. Received ${shown(signal)}`);
        }
      });
      const any = new AbortSignal(key);
      const already = signals.find((signal) => signal.aborted);
      if (already) any[abort](already.reason);
      else for (const signal of signals) signal[dependants].push(any);
      return any;
    }
  }

  class AbortController {
    #signal = new AbortSignal(key);
    get signal() { return this.#signal; }
    abort(reason = new global.DOMException("This operation was aborted", "AbortError")) {
      this.#signal[abort](reason);
    }
    get [Symbol.toStringTag]() { return "AbortController"; }
  }

  native.shown(AbortSignal, ({ aborted }) => ({ aborted }));
  native.shown(AbortController, ({ signal }) => ({ signal }));
  define("AbortSignal", AbortSignal);
  define("AbortController", AbortController);
})
