(function (native, exports, global) {
  "use strict";

  const { Body, extract, all, isUsed, isStream } = native.body;
  const bodies = native.body;
  const { Headers, AbortSignal, AbortController } = global;
  const freeze = (headers) => native.freezeHeaders(headers);

  const parseURL = (input) => {
    try {
      return new global.URL(`${input}`);
    } catch (cause) {
      // What follows a user name and password is enough to find the place.
      throw new TypeError(`Failed to parse URL from ${native.redact(`${input}`)}`, { cause });
    }
  };
  // A content type that the user has not set.
  const setType = (headers, type) => {
    if (type && !headers.has("content-type")) headers.append("content-type", type);
  };
  const oneOf = (field, value, accepted) => {
    if (!accepted.includes(`${value}`)) {
      throw new TypeError(`Request constructor: ${value} is not an accepted type. Expected one of ${accepted.join(", ")}.`);
    }
    return `${value}`;
  };
  const methodOf = (given) => {
    const method = `${given}`;
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) throw new TypeError(`'${method}' is not a valid HTTP method.`);
    const upper = method.toUpperCase();
    if (["CONNECT", "TRACE", "TRACK"].includes(upper)) throw new TypeError(`'${method}' HTTP method is unsupported.`);
    return ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"].includes(upper) ? upper : method;
  };
  // "a; q" becomes { ... } with its own type, or else throws as Node does.
  const dictionary = (init, what) => {
    if (init === undefined || init === null) return {};
    if (typeof init !== "object" && typeof init !== "function") throw new TypeError(`${what}: Expected init ("${init}") to be one of: Null, Undefined, Object.`);
    return init;
  };

  // What a request has beside its URL, method, headers and body. It means nothing
  // here, and is not copied for each request.
  const usual = { mode: "cors", credentials: "same-origin", cache: "default", integrity: "", keepalive: false,
    referrer: "about:client", referrerPolicy: "" };
  const usualNames = Object.keys(usual);

  class Request extends Body {
    #url; #method; #headers; #redirect; #signal; #rest;

    constructor(input, init) {
      super();
      if (arguments.length < 1) throw new TypeError("Request constructor: 1 argument required, but 0 found.");
      init = dictionary(init, "Request constructor");
      const from = input instanceof Request ? input : undefined;
      if (from) {
        this.#url = from.#url;
      } else {
        const url = parseURL(input);
        if (url.username !== "" || url.password !== "") {
          throw new TypeError(`Request cannot be constructed from a URL that includes credentials: ${native.redact(url.href)}`);
        }
        this.#url = url.href;
      }
      this.#method = init.method === undefined ? from?.#method ?? "GET" : methodOf(init.method);
      this.#redirect = init.redirect === undefined ? from?.#redirect ?? "follow" : oneOf("redirect", init.redirect, ["follow", "manual", "error"]);
      this.#rest = from?.#rest ?? usual;
      for (const key of usualNames) {
        if (init[key] !== undefined) this.#rest = { ...this.#rest, [key]: typeof usual[key] === "boolean" ? !!init[key] : `${init[key]}` };
      }
      let signal = from?.#signal;
      if (init.signal !== undefined) {
        signal = init.signal;
        if (signal !== null && !(signal instanceof AbortSignal)) {
          throw new TypeError("Failed to construct 'Request': member signal is not of type AbortSignal.");
        }
      }
      this.#signal = signal ? AbortSignal.any([signal]) : new AbortController().signal;
      this.#headers = new Headers(init.headers ?? from?.#headers);

      const hasBody = init.body !== undefined && init.body !== null;
      const old = from ? bodies.get(from) : null;
      if ((hasBody || old !== null) && (this.#method === "GET" || this.#method === "HEAD")) {
        throw new TypeError("Request with GET/HEAD method cannot have body.");
      }
      if (hasBody) {
        if (isStream(init.body) && init.duplex === undefined) {
          throw new TypeError("RequestInit: duplex option is required when sending a body.");
        }
        const { type, ...state } = extract(init.body);
        setType(this.#headers, type);
        bodies.set(this, state);
      } else if (old !== null) {
        if (isUsed(old) || old.stream?.locked) {
          throw new TypeError("Cannot construct a Request with a Request object that has already been used.");
        }
        bodies.set(this, { ...old });
        old.used = true;
      } else {
        bodies.set(this, null);
      }
    }
    get method() { return this.#method; }
    get url() { return this.#url; }
    get headers() { return this.#headers; }
    get redirect() { return this.#redirect; }
    get signal() { return this.#signal; }
    get mode() { return this.#rest.mode; }
    get credentials() { return this.#rest.credentials; }
    get cache() { return this.#rest.cache; }
    get integrity() { return this.#rest.integrity; }
    get keepalive() { return this.#rest.keepalive; }
    get referrer() { return this.#rest.referrer; }
    get referrerPolicy() { return this.#rest.referrerPolicy; }
    get destination() { return ""; }
    get duplex() { return "half"; }
    clone() {
      const state = bodies.get(this);
      if (state !== null && (isUsed(state) || state.stream?.locked)) throw new TypeError("unusable");
      const copy = new Request(this.#url, { method: this.#method, headers: this.#headers, redirect: this.#redirect, signal: this.#signal, ...this.#rest });
      bodies.set(copy, bodies.clone(state));
      return copy;
    }
    get [Symbol.toStringTag]() { return "Request"; }
  }

  const nullBody = [101, 103, 204, 205, 304];
  const internal = {}; // who has it may set everything

  class Response extends Body {
    #status = 200; #statusText = ""; #headers; #type = "default"; #url = ""; #redirected = false;

    constructor(body = null, init = undefined, key = undefined, all = undefined) {
      super();
      if (key === internal) {
        this.#status = all.status;
        this.#statusText = all.statusText ?? "";
        this.#type = all.type;
        this.#url = all.url ?? "";
        this.#redirected = all.redirected ?? false;
        this.#headers = all.headers;
        bodies.set(this, body);
        return;
      }
      init = dictionary(init, "Response constructor");
      if (init.status !== undefined) {
        const status = Number(init.status) & 0xffff;
        if (status < 200 || status > 599) throw new RangeError('init["status"] must be in the range of 200 to 599, inclusive.');
        this.#status = status;
      }
      if (init.statusText !== undefined) {
        this.#statusText = `${init.statusText}`;
        if (/[^\t\x20-\x7e\x80-\xff]/.test(this.#statusText)) throw new TypeError("Invalid statusText");
      }
      this.#headers = new Headers(init.headers);
      if (body === null) {
        bodies.set(this, null);
        return;
      }
      if (nullBody.includes(this.#status)) {
        throw new TypeError(`Response constructor: Invalid response status code ${this.#status}`);
      }
      const { type, ...state } = extract(body);
      setType(this.#headers, type);
      bodies.set(this, state);
    }
    get status() { return this.#status; }
    get statusText() { return this.#statusText; }
    get ok() { return this.#status >= 200 && this.#status <= 299; }
    get headers() {
      // Those that were received are made when somebody looks: most pings do not.
      if (typeof this.#headers === "function") this.#headers = this.#headers();
      return this.#headers;
    }
    get type() { return this.#type; }
    get url() { return this.#url; }
    get redirected() { return this.#redirected; }
    clone() {
      const state = bodies.get(this);
      if (state !== null && (isUsed(state) || state.stream?.locked)) {
        throw new TypeError("Response.clone: Body has already been consumed.");
      }
      return new Response(bodies.clone(state), undefined, internal, {
        status: this.#status, statusText: this.#statusText, type: this.#type, url: this.#url, redirected: this.#redirected,
        headers: new Headers(this.headers),
      });
    }
    get [Symbol.toStringTag]() { return "Response"; }

    static error() {
      return new Response(null, undefined, internal, { status: 0, type: "error", headers: freeze(new Headers()) });
    }
    static json(data, init = undefined) {
      const text = native.stringify(data);
      if (text === undefined) throw new TypeError("Value is not JSON serializable");
      const response = new Response(text, init);
      if (new Headers(init?.headers).get("content-type") === null) response.headers.set("content-type", "application/json");
      return response;
    }
    static redirect(url, status = 302) {
      const location = parseURL(url).href;
      if (![301, 302, 303, 307, 308].includes(Number(status))) throw new RangeError(`Invalid status code ${status}`);
      return new Response(null, undefined, internal, {
        status: Number(status), type: "default", headers: freeze(new Headers({ location })),
      });
    }
  }

  // An abort's reason is made where somebody aborts, or set the timeout, and is
  // the same for all that it ends. Who reads of it wants to know what ended: the
  // call that error was made for.
  const calls = new WeakMap();
  native.callOf = (reason) => calls.get(reason);
  const aborted = (error, { reason }) => {
    if (reason instanceof global.DOMException) calls.set(reason, error);
    return reason;
  };

  // failed gives what the host rejected with to the error that was made when
  // the user called; an abort's reason goes before.
  const failed = (error, signal, cause) => {
    if (signal.aborted) return aborted(error, signal);
    Object.defineProperty(error, "cause", { value: cause, writable: true, configurable: true });
    return error;
  };

  // receive makes a Response of what the host has received.
  const receive = (received, request, done) => {
    const { signal } = request;
    const headers = () => {
      const all = new Headers();
      for (const [name, value] of received.headers) {
        try {
          all.append(name, value);
        } catch { /* a header that the standard does not allow cannot be shown */ }
      }
      return freeze(all);
    };
    const guard = (read) => () => {
      const error = new TypeError("terminated");
      return read().then(
        (value) => {
          if (value === null || read === received.all) done();
          return value;
        },
        (cause) => { done(); throw failed(error, signal, cause); },
      );
    };
    let state = null;
    if (nullBody.includes(received.status) || request.method === "HEAD") {
      received.cancel();
      done();
    } else {
      state = { handle: {
        next: guard(received.next),
        all: guard(received.all),
        cancel: () => { done(); received.cancel(); },
      } };
    }
    const { status, statusText, url, redirected } = received;
    return new Response(state, undefined, internal, { status, statusText, url, redirected, type: "basic", headers });
  };

  async function fetch(input, init = undefined) {
    const error = new TypeError("fetch failed"); // now, so that it has the frames of the caller
    const request = new Request(input, init);
    const { signal } = request;
    if (signal.aborted) throw aborted(error, signal);
    const state = bodies.get(request);
    const body = state === null ? undefined : await all(state);
    if (signal.aborted) throw aborted(error, signal);
    const sent = native.fetch(request.method, request.url, [...request.headers], body, request.redirect);
    signal.addEventListener("abort", sent.abort);
    const done = () => signal.removeEventListener("abort", sent.abort);
    let received;
    try {
      received = await sent.response;
    } catch (cause) {
      done();
      throw failed(error, signal, cause);
    }
    if (signal.aborted) {
      received.cancel();
      throw aborted(error, signal);
    }
    return receive(received, request, done);
  }

  native.shown(Request, ({ method, url, headers, destination, referrer, referrerPolicy, mode, credentials, cache, redirect,
    integrity, keepalive, signal }) => ({ method, url, headers, destination, referrer, referrerPolicy, mode, credentials, cache,
    redirect, integrity, keepalive, isReloadNavigation: false, isHistoryNavigation: false, signal }));
  native.shown(Response, ({ status, statusText, headers, body, bodyUsed, ok, redirected, type, url }) => (
    { status, statusText, headers, body, bodyUsed, ok, redirected, type, url }));
  const define = (name, value, enumerable) =>
    Object.defineProperty(global, name, { value, writable: true, configurable: true, enumerable });
  define("Request", Request, false);
  define("Response", Response, false);
  define("fetch", fetch, true);
})
