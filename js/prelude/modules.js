(function (native, exports, global) {
  "use strict";

  const { process, performance } = global;
  const lazy = (make) => {
    let made;
    return () => (made ??= make());
  };

  const windows = native.platform === "win32";
  const fileURLToPath = (url) => {
    url = typeof url === "string" ? new global.URL(url) : url;
    if (url.protocol !== "file:") throw new TypeError("The URL must be of scheme file");
    const path = decodeURIComponent(url.pathname);
    return windows ? path.slice(1).replaceAll("/", "\\") : path;
  };
  const pathToFileURL = (path) => {
    path = `${path}`;
    if (windows) path = path.replaceAll("\\", "/");
    if (!path.startsWith("/")) path = windows && /^[A-Za-z]:/.test(path) ? `/${path}` : `${native.cwd.replaceAll("\\", "/")}/${path}`;
    return new global.URL(`file://${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`);
  };

  const aborted = (signal) => signal?.reason ?? Object.assign(new Error("The operation was aborted"), { name: "AbortError", code: "ABORT_ERR" });
  const later = (start, stop) => (value, { signal } = {}) => new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal));
    const timer = start(() => resolve(value));
    signal?.addEventListener("abort", () => { stop(timer); reject(aborted(signal)); }, { once: true });
  });

  const modules = {
    assert: lazy(() => native.assert),
    "assert/strict": lazy(() => native.assert.strict),
    fs: lazy(() => native.nodeFS),
    "fs/promises": lazy(() => native.nodeFS.promises),
    os: lazy(() => native.nodeOS),
    path: lazy(() => native.path),
    "path/posix": lazy(() => native.path.posix),
    "path/win32": lazy(() => native.path.win32),
    buffer: lazy(() => ({ Buffer: global.Buffer, atob: global.atob, btoa: global.btoa })),
    // What is random, which is what packages mostly want; no hashes, no ciphers.
    crypto: lazy(() => {
      const { crypto } = global;
      const randomBytes = (n, callback) => {
        const bytes = global.Buffer.from(native.random(n));
        return callback ? void queueMicrotask(() => callback(null, bytes)) : bytes;
      };
      return {
        webcrypto: crypto, randomUUID: crypto.randomUUID, getRandomValues: crypto.getRandomValues, randomBytes,
        randomFillSync: (view) => crypto.getRandomValues(view),
        randomInt: (min, max) => {
          if (max === undefined) [min, max] = [0, min];
          const [high, low] = new Uint32Array(native.random(8));
          return min + Math.floor(((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53 * (max - min));
        },
      };
    }),
    perf_hooks: lazy(() => ({ performance })),
    process: lazy(() => process),
    timers: lazy(() => {
      const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = global;
      return { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };
    }),
    "timers/promises": lazy(() => ({
      setTimeout: (ms, value, options) => later((done) => global.setTimeout(done, ms), global.clearTimeout)(value, options),
      setImmediate: later((done) => global.setImmediate(done), global.clearImmediate),
    })),
    url: lazy(() => ({ URL: global.URL, URLSearchParams: global.URLSearchParams, fileURLToPath, pathToFileURL })),
    util: lazy(() => {
      const promisify = (f) => (...args) => new Promise((resolve, reject) => {
        f(...args, (error, value) => (error ? reject(error) : resolve(value)));
      });
      return {
        TextDecoder: global.TextDecoder, TextEncoder: global.TextEncoder, promisify,
        format: (...args) => native.format(args), inspect: native.inspect, isDeepStrictEqual: native.isDeepStrictEqual,
      };
    }),
  };
  native.modules = {};
  for (const [name, get] of Object.entries(modules)) Object.defineProperty(native.modules, name, { get, enumerable: true });
})
