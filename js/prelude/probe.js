(function (native, exports, global) {
  "use strict";

  const kind = (v) => (v === null ? "null" : native.inspect(v));
  const urlOf = (what, url) => {
    if (typeof url === "string") return url;
    if (url instanceof global.URL) return url.href;
    throw new TypeError(`${what}: the URL must be a string, not ${kind(url)}`);
  };

  // They are async, so that a mistake rejects like everything else.
  exports.probe = {
    async http(url, options) {
      url = urlOf("probe.http", url);
      if (options?.headers !== undefined) options = { ...options, headers: [...new global.Headers(options.headers)] };
      return native.probeHTTP(url, options);
    },
    async tcp(address) {
      if (typeof address !== "string") throw new TypeError(`probe.tcp: the address must be a string, "host:port", not ${kind(address)}`);
      return native.probeTCP(address);
    },
    async sql(url, query = "") {
      url = urlOf("probe.sql", url);
      if (typeof query !== "string") throw new TypeError(`probe.sql: the query must be a string, not ${kind(query)}`);
      return native.probeSQL(url, query);
    },
    async redis(url) {
      return native.probeRedis(urlOf("probe.redis", url));
    },
    async exec(service, cmd) {
      return native.probeExec(service, cmd);
    },
    async log(service, pattern) {
      if (!(pattern instanceof RegExp) && typeof pattern !== "string") {
        throw new TypeError(`probe.log: the pattern must be a regular expression or a string, not ${kind(pattern)}`);
      }
      const log = await native.probeLog(service);
      if (log === false) return false;
      // Without g and y: these make test() remember where it was.
      const regexp = typeof pattern === "string" ? undefined : new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
      const matches = (text) => (regexp ? regexp.test(text) : text.includes(pattern));
      // ^ and $ are meant for a line, also without the flag m.
      if (matches(log) || log.split(/\r?\n/).some(matches)) return true;
      const last = log.trimEnd().split("\n").pop();
      native.noteReason(`the log does not match ${pattern} yet${last ? `; its last line: ${last}` : ""}`);
      return false;
    },
    async healthy(service) {
      return native.probeHealthy(service);
    },
  };
})
