(function (native, exports, global) {
  "use strict";

  const define = (name, value) =>
    Object.defineProperty(global, name, { value, writable: true, configurable: true, enumerable: false });
  const failure = (Type, code, message) => Object.assign(new Type(message), { code });
  const { isView } = ArrayBuffer;
  const utf8 = (text) => new Uint8Array(native.utf8(text));
  const decode = (bytes) => native.decode(bytes, "utf-8", false, false);

  // bytesOf returns a view of what an ArrayBuffer or a view of one holds.
  const bytesOf = (v) => (isView(v) ? new Uint8Array(v.buffer, v.byteOffset, v.byteLength) : new Uint8Array(v));
  const join = (chunks) => {
    if (chunks.length === 1) return chunks[0];
    const all = new Uint8Array(chunks.reduce((sum, c) => sum + c.length, 0));
    let at = 0;
    for (const c of chunks) {
      all.set(c, at);
      at += c.length;
    }
    return all;
  };

  // A stream of bytes, with the parts of the standard's ReadableStream that
  // readers use. Its source has pull(), a promise of the next Uint8Array and of
  // null at the end, and cancel().
  const isStream = Symbol("stream");
  class ReadableStream {
    #source; #reader = null; #disturbed = false; #ended = false; #error; #tail = Promise.resolve();
    constructor(source) {
      this.#source = source;
    }
    get [isStream]() { return true; }
    get locked() { return this.#reader !== null; }
    get disturbed() { return this.#disturbed; }
    get state() { return this.#error ? "errored" : this.#ended ? "closed" : "readable"; }
    getReader() {
      if (this.locked) throw failure(TypeError, "ERR_INVALID_STATE", "Invalid state: ReadableStream is locked");
      let close, fail;
      const closed = new Promise((resolve, reject) => { close = resolve; fail = reject; });
      closed.catch(() => {});
      const detached = () => Promise.reject(failure(TypeError, "ERR_INVALID_STATE", "Invalid state: The reader is not attached to a stream"));
      const stream = this;
      const reader = {
        get closed() { return closed; },
        read() {
          if (stream.#reader !== reader) return detached();
          const read = stream.#next();
          read.then(({ done }) => { if (done) close(); }, fail);
          return read;
        },
        cancel(reason) {
          if (stream.#reader !== reader) return detached();
          close();
          return stream.#cancel(reason);
        },
        releaseLock() {
          if (stream.#reader === reader) stream.#reader = null;
        },
        get [Symbol.toStringTag]() { return "ReadableStreamDefaultReader"; },
      };
      this.#reader = reader;
      if (this.#ended) close();
      return reader;
    }
    // Reads that are asked for before others are done wait for their turn.
    #next() {
      this.#disturbed = true;
      const read = async () => {
        if (this.#error) throw this.#error.value;
        if (this.#ended) return { done: true, value: undefined };
        let value;
        try {
          value = await this.#source.pull();
        } catch (e) {
          this.#error = { value: e };
          throw e;
        }
        if (value === null) {
          this.#ended = true;
          return { done: true, value: undefined };
        }
        return { done: false, value };
      };
      const next = this.#tail.then(read);
      this.#tail = next.catch(() => {});
      return next;
    }
    async #cancel(reason) {
      this.#disturbed = this.#ended = true;
      await this.#source.cancel?.(reason);
    }
    async cancel(reason) {
      if (this.locked) throw failure(TypeError, "ERR_INVALID_STATE", "Invalid state: ReadableStream is locked");
      return this.#cancel(reason);
    }
    tee() {
      const reader = this.getReader();
      const queues = [[], []];
      let reading = null, given = 0;
      const advance = () => (reading ??= reader.read().then(
        ({ done, value }) => {
          reading = null;
          queues[0].push(done ? null : value);
          queues[1].push(done ? null : value.slice());
        },
        (e) => { reading = null; throw e; },
      ));
      return queues.map((queue) => new ReadableStream({
        async pull() {
          while (queue.length === 0) await advance();
          return queue.shift();
        },
        async cancel(reason) {
          if (++given === 2) await reader.cancel(reason);
        },
      }));
    }
    values({ preventCancel = false } = {}) {
      const reader = this.getReader();
      const end = () => { reader.releaseLock(); };
      return {
        async next() {
          let step;
          try {
            step = await reader.read();
          } catch (e) {
            end();
            throw e;
          }
          if (step.done) end();
          return step;
        },
        async return(value) {
          if (!preventCancel) await reader.cancel(value);
          end();
          return { done: true, value };
        },
        [Symbol.asyncIterator]() { return this; },
      };
    }
    [Symbol.asyncIterator](options) { return this.values(options); }
    get [Symbol.toStringTag]() { return "ReadableStream"; }
  }
  const streamOf = (bytes) => {
    let rest = bytes.length ? bytes : null;
    return new ReadableStream({ pull: async () => { const now = rest; rest = null; return now; } });
  };

  const blobBytes = Symbol("bytes");
  class Blob {
    #bytes; #type;
    constructor(sources = [], options = {}) {
      if (sources === null || typeof sources !== "object" || typeof sources[Symbol.iterator] !== "function") {
        throw failure(TypeError, "ERR_INVALID_ARG_TYPE", `The "sources" argument must be a sequence. Received ${
          sources === null ? "null" : typeof sources === "object" ? `an instance of ${sources.constructor?.name ?? "Object"}` : `type ${typeof sources} (${native.inspect(sources)})`}`);
      }
      const chunks = [];
      for (const source of sources) {
        if (source instanceof Blob) chunks.push(source.#bytes);
        else if (source instanceof ArrayBuffer || isView(source)) chunks.push(bytesOf(source).slice());
        else chunks.push(utf8(`${source}`));
      }
      this.#bytes = join(chunks);
      const type = `${options?.type ?? ""}`;
      this.#type = /[^\x20-\x7e]/.test(type) ? "" : type.toLowerCase();
    }
    get [blobBytes]() { return this.#bytes; }
    get size() { return this.#bytes.length; }
    get type() { return this.#type; }
    async text() { return decode(this.#bytes); }
    async arrayBuffer() { return this.#bytes.slice().buffer; }
    async bytes() { return this.#bytes.slice(); }
    stream() { return streamOf(this.#bytes.slice()); }
    slice(start, end, type = "") {
      return new Blob([this.#bytes.slice(start, end)], { type });
    }
    get [Symbol.toStringTag]() { return "Blob"; }
  }
  class File extends Blob {
    #name; #lastModified;
    constructor(sources, name, options = {}) {
      if (arguments.length < 2) throw failure(TypeError, "ERR_MISSING_ARGS", 'The "fileBits" and "fileName" arguments must be specified');
      super(sources, options);
      this.#name = `${name}`;
      this.#lastModified = options?.lastModified === undefined ? Date.now() : Number(options.lastModified) || 0;
    }
    get name() { return this.#name; }
    get lastModified() { return this.#lastModified; }
    get [Symbol.toStringTag]() { return "File"; }
  }

  class FormData {
    #entries = [];
    constructor(form) {
      if (form !== undefined) throw new TypeError("FormData constructor: Argument 1 could not be converted to: undefined.");
    }
    #entry(method, given, name, value, filename) {
      if (given < 2) throw new TypeError(`FormData.${method}: 2 arguments required, but only ${given} found.`);
      if (!(value instanceof Blob)) {
        if (given > 2) throw new TypeError(`FormData.${method}: Argument 2 ("${value}") could not be converted to: Blob.`);
        return [`${name}`, `${value}`];
      }
      if (value instanceof File && filename === undefined) return [`${name}`, value];
      return [`${name}`, new File([value], filename ?? "blob", { type: value.type })];
    }
    append(...args) { this.#entries.push(this.#entry("append", args.length, ...args)); }
    set(...args) {
      const entry = this.#entry("set", args.length, ...args);
      const at = this.#entries.findIndex(([n]) => n === entry[0]);
      this.#entries = this.#entries.filter(([n], i) => n !== entry[0] || i === at);
      if (at < 0) this.#entries.push(entry);
      else this.#entries[at] = entry;
    }
    delete(name) { this.#entries = this.#entries.filter(([n]) => n !== `${name}`); }
    get(name) { return this.#entries.find(([n]) => n === `${name}`)?.[1] ?? null; }
    getAll(name) { return this.#entries.filter(([n]) => n === `${name}`).map(([, v]) => v); }
    has(name) { return this.#entries.some(([n]) => n === `${name}`); }
    forEach(callback, self) { for (const [n, v] of this.#entries) callback.call(self, v, n, this); }
    *entries() { for (const [n, v] of this.#entries) yield [n, v]; }
    *keys() { for (const [n] of this.#entries) yield n; }
    *values() { for (const [, v] of this.#entries) yield v; }
    [Symbol.iterator]() { return this.entries(); }
    get [Symbol.toStringTag]() { return "FormData"; }
  }
  const multipart = (form) => {
    const boundary = `----formdata-miniboss-${native.uuid().replaceAll("-", "")}`;
    const lines = (text) => text.replace(/\r?\n|\r/g, "\r\n");
    const quote = (text) => text.replace(/\n/g, "%0A").replace(/\r/g, "%0D").replace(/"/g, "%22");
    const chunks = [];
    for (const [name, value] of form) {
      const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quote(lines(name))}"`;
      if (typeof value === "string") {
        chunks.push(utf8(`${head}\r\n\r\n${lines(value)}\r\n`));
      } else {
        const type = value.type || "application/octet-stream";
        chunks.push(utf8(`${head}; filename="${quote(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`), value[blobBytes], utf8("\r\n"));
      }
    }
    chunks.push(utf8(`--${boundary}--\r\n`));
    return { bytes: join(chunks), type: `multipart/form-data; boundary=${boundary}` };
  };

  // extract makes the body of a request or response, and its content type, of
  // what a user gave.
  const extract = (source) => {
    if (typeof source === "object" || typeof source === "function") {
      if (source instanceof global.URLSearchParams) {
        return { bytes: utf8(`${source}`), type: "application/x-www-form-urlencoded;charset=UTF-8" };
      }
      if (source instanceof Blob) return { bytes: source[blobBytes], type: source.type || null };
      if (source instanceof FormData) return multipart(source);
      if (source instanceof ArrayBuffer || isView(source)) return { bytes: bytesOf(source).slice(), type: null };
      if (source[isStream]) {
        if (source.locked || source.disturbed) throw new TypeError("Response body object should not be disturbed or locked");
        return { stream: source, type: null };
      }
      if (typeof source[Symbol.asyncIterator] === "function") {
        const iterator = source[Symbol.asyncIterator]();
        const pull = async () => {
          const { done, value } = await iterator.next();
          if (done) return null;
          if (typeof value === "string") return utf8(value);
          if (value instanceof ArrayBuffer || isView(value)) return bytesOf(value).slice();
          throw new TypeError(`a body must consist of bytes and strings, not ${native.inspect(value)}`);
        };
        return { stream: new ReadableStream({ pull, cancel: async () => { await iterator.return?.(); } }), type: null };
      }
    }
    return { bytes: utf8(`${source}`), type: "text/plain;charset=UTF-8" };
  };

  // What a Request or Response has for a body: { bytes }, { handle } of the
  // host, or { stream }, which the others become when somebody asks for it.
  const states = new WeakMap();
  const isUsed = (state) => state.used || (state.stream?.disturbed ?? false);
  const open = (state) => {
    if (!state.stream) {
      const { bytes, handle } = state;
      state.bytes = state.handle = undefined;
      state.stream = handle ? new ReadableStream({ pull: () => handle.next(), cancel: () => handle.cancel() }) : streamOf(bytes.slice());
      if (state.used) state.stream.cancel();
    }
    return state.stream;
  };
  const collect = async (stream) => {
    const chunks = [];
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return join(chunks);
      chunks.push(value);
    }
  };
  const all = async (state) => {
    state.used = true;
    if (state.stream) return collect(state.stream);
    if (state.handle) return state.handle.all();
    return state.bytes;
  };

  const consume = (owner, Type, convert) => {
    const failed = new Type(); // now, so that it has the frames of the caller
    const run = async () => {
      const state = states.get(owner);
      if (state === null) return convert(new Uint8Array(0), failed);
      if (isUsed(state) || state.stream?.locked) {
        throw new TypeError("Body is unusable: Body has already been read");
      }
      return convert(await all(state), failed);
    };
    return run();
  };

  // Body is what Request and Response have in common.
  class Body {
    get body() {
      const state = states.get(this);
      return state && open(state);
    }
    get bodyUsed() {
      const state = states.get(this);
      return state !== null && isUsed(state);
    }
    text() { return consume(this, Error, decode); }
    json() {
      return consume(this, SyntaxError, (bytes, failed) => {
        try {
          return native.parse(decode(bytes));
        } catch (e) {
          failed.message = e.message;
          throw failed;
        }
      });
    }
    arrayBuffer() { return consume(this, Error, (bytes) => bytes.slice().buffer); }
    bytes() { return consume(this, Error, (bytes) => bytes.slice()); }
    blob() { return consume(this, Error, (bytes) => new Blob([bytes], { type: this.headers.get("content-type") ?? "" })); }
  }

  native.body = {
    Body, ReadableStream, extract, all, isUsed,
    set: (owner, state) => { states.set(owner, state); },
    get: (owner) => states.get(owner),
    isStream: (v) => typeof v === "object" && v !== null && (v[isStream] === true || typeof v[Symbol.asyncIterator] === "function"),
    // clone gives a body to one more owner.
    clone(state) {
      if (state === null) return null;
      if (state.bytes) return { ...state };
      const [one, other] = open(state).tee();
      state.stream = one;
      return { stream: other, type: state.type };
    },
  };
  native.shown(ReadableStream, ({ locked, state }) => ({ locked, state, supportsBYOB: false }));
  native.shown(Blob, ({ size, type }) => ({ size, type }));
  native.shown(File, ({ size, type, name, lastModified }) => ({ size, type, name, lastModified }));
  native.shown(FormData, (form) => {
    const out = {};
    for (const name of new Set(form.keys())) {
      const values = form.getAll(name);
      out[name] = values.length === 1 ? values[0] : values;
    }
    return out;
  });
  define("Blob", Blob);
  define("File", File);
  define("FormData", FormData);
})
