// What fetch and its family do, one line of output each: the same in Node and
// in miniboss. TEST_URL is a server of the test, TEST_REFUSED an address on
// which nothing listens.
import { inspect } from "node:util";

const url = process.env.TEST_URL, refused = process.env.TEST_REFUSED;

// Only what is the same everywhere: our messages of the network have other
// words, and the engines word syntax errors differently.
const told = (e) => (e instanceof SyntaxError ? "SyntaxError" : typeof e === "object" ? [
  e.constructor.name, e.name, e.message, e.code,
  e.cause && [e.cause.code, e instanceof TypeError && e.cause instanceof Error],
] : [typeof e, e]);

const echo = async (response) => {
  const { method, path, headers, body } = await (await response).json();
  for (const name of ["accept", "accept-encoding", "accept-language", "connection", "sec-fetch-mode", "user-agent", "host"]) delete headers[name];
  return [method, path, headers, body];
};
const bytes = (...list) => new Uint8Array(list);
const read = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(...chunk);
  return String.fromCharCode(...chunks);
};

const table = {
  // Requests.
  "get": () => echo(fetch(`${url}/echo`)),
  "URL object": () => echo(fetch(new URL("/echo?a=1#f", url))),
  "query": () => echo(fetch(`${url}/echo?a=1&b=%20`)),
  "path is normalised": () => echo(fetch(`${url}/x/../echo`)),
  "method is upper-cased": () => echo(fetch(`${url}/echo`, { method: "post" })),
  "put": () => echo(fetch(`${url}/echo`, { method: "PUT", body: "é" })),
  "patch": () => echo(fetch(`${url}/echo`, { method: "PATCH", body: "x" })),
  "delete": () => echo(fetch(`${url}/echo`, { method: "DELETE" })),
  "delete with a body": () => echo(fetch(`${url}/echo`, { method: "DELETE", body: "x" })),
  "head": async () => { const r = await fetch(`${url}/text`, { method: "HEAD" }); return [r.status, r.body, await r.text()]; },
  "options": () => echo(fetch(`${url}/echo`, { method: "options" })),
  "empty body": () => echo(fetch(`${url}/echo`, { method: "POST", body: "" })),
  "string": () => echo(fetch(`${url}/echo`, { method: "POST", body: JSON.stringify({ a: 1 }) })),
  "own content type": () => echo(fetch(`${url}/echo`, { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } })),
  "form": () => echo(fetch(`${url}/echo`, { method: "POST", body: new URLSearchParams({ a: "1 2", b: "é&" }) })),
  "Uint8Array": () => echo(fetch(`${url}/echo`, { method: "POST", body: bytes(65, 66) })),
  "part of a buffer": () => echo(fetch(`${url}/echo`, { method: "POST", body: bytes(65, 66, 67).subarray(1, 2) })),
  "ArrayBuffer": () => echo(fetch(`${url}/echo`, { method: "POST", body: bytes(65, 66).buffer })),
  "DataView": () => echo(fetch(`${url}/echo`, { method: "POST", body: new DataView(bytes(65, 66).buffer, 1) })),
  "Buffer": () => echo(fetch(`${url}/echo`, { method: "POST", body: Buffer.from("buf") })),
  "Blob": () => echo(fetch(`${url}/echo`, { method: "POST", body: new Blob(["a", bytes(66)], { type: "Text/X" }) })),
  "Blob without type": () => echo(fetch(`${url}/echo`, { method: "POST", body: new Blob(["a"]) })),
  "object": () => echo(fetch(`${url}/echo`, { method: "POST", body: { a: 1 } })),
  "number": () => echo(fetch(`${url}/echo`, { method: "POST", body: 1 })),
  "null body": () => echo(fetch(`${url}/echo`, { method: "POST", body: null })),
  "FormData": async () => {
    const form = new FormData();
    form.append("a", "b\nc");
    form.append("a", "é");
    form.append("file", new Blob(["x"]), 'n"m.txt');
    form.append("typed", new File(["y"], "y.json", { type: "application/json" }));
    const [, , headers, body] = await echo(fetch(`${url}/echo`, { method: "POST", body: form }));
    const [, boundary] = headers["content-type"].match(/^multipart\/form-data; boundary=(.*)$/);
    return body.replaceAll(boundary, "B");
  },
  "async iterable": () => echo(fetch(`${url}/echo`, {
    method: "POST", duplex: "half",
    body: (() => { let n = 0; return { [Symbol.asyncIterator]() { return this; }, next: async () => (n++ < 2 ? { done: false, value: bytes(64 + n) } : { done: true }) }; })(),
  }).then(async (r) => { const out = await r.json(); delete out.headers["content-length"]; delete out.headers["transfer-encoding"]; return new Response(JSON.stringify(out)); })),
  "headers as object": () => echo(fetch(`${url}/echo`, { headers: { "X-A": "1", "x-b": 2 } })),
  "headers as array": () => echo(fetch(`${url}/echo`, { headers: [["x-a", "1"], ["X-A", "2"]] })),
  "headers as Headers": () => echo(fetch(`${url}/echo`, { headers: new Headers({ "x-a": "1" }) })),
  "headers as Map": () => echo(fetch(`${url}/echo`, { headers: new Map([["x-a", "1"]]) })),
  "latin-1 header": () => echo(fetch(`${url}/echo`, { headers: { "x-a": "caf\u00e9" } })),
  "request object": () => echo(fetch(new Request(`${url}/echo`, { method: "POST", body: "x", headers: { "x-a": "1" } }))),
  "request and init": () => echo(fetch(new Request(`${url}/echo`, { method: "POST", body: "x", headers: { "x-a": "1" } }), { method: "PUT", headers: { "x-b": "2" } })),
  "request twice": async () => {
    const r = new Request(`${url}/echo`, { method: "POST", body: "x" });
    const copy = r.clone();
    return [await echo(fetch(r)), r.bodyUsed, await echo(fetch(copy)), await fetch(r).catch(told)];
  },

  // Responses.
  "text": async () => (await fetch(`${url}/text`)).text(),
  "json": async () => (await fetch(`${url}/json`)).json(),
  "bad json": async () => (await fetch(`${url}/text`)).json(),
  "empty json": async () => (await fetch(`${url}/204`)).json(),
  "arrayBuffer": async () => { const b = await (await fetch(`${url}/bytes`)).arrayBuffer(); return [b instanceof ArrayBuffer, [...new Uint8Array(b)]]; },
  "blob": async () => { const b = await (await fetch(`${url}/json`)).blob(); return [b.size, b.type, await b.text(), await b.slice(1, 4).text()]; },
  "byte order mark": async () => (await fetch(`${url}/bom`)).text(),
  "bad utf-8": async () => (await fetch(`${url}/bytes`)).text(),
  "properties": async () => { const r = await fetch(`${url}/text`); return [r.status, r.statusText, r.ok, r.redirected, r.type, r.url === `${url}/text`, r.bodyUsed]; },
  "404": async () => { const r = await fetch(`${url}/404`); return [r.status, r.statusText, r.ok, await r.text()]; },
  "204": async () => { const r = await fetch(`${url}/204`); return [r.status, r.body, await r.text(), r.bodyUsed]; },
  "url without fragment": async () => (await fetch(`${url}/text#x`)).url === `${url}/text`,
  "headers": async () => { const { headers: h } = await fetch(`${url}/headers`); return [h.get("X-Two"), h.get("none"), h.has("x-two"), h.getSetCookie(), h.get("set-cookie"), h.get("x-latin")]; },
  "headers are sorted": async () => [...(await fetch(`${url}/headers`)).headers.keys()].filter((k) => k.startsWith("x-") || k === "set-cookie"),
  "headers are immutable": async () => (await fetch(`${url}/text`)).headers.set("a", "b"),
  "gzip": async () => { const r = await fetch(`${url}/gzip`); return [r.headers.get("content-encoding"), (await r.text()).length]; },
  "deflate": async () => { const r = await fetch(`${url}/deflate`); return [r.headers.get("content-encoding"), (await r.text()).length]; },
  "used twice": async () => { const r = await fetch(`${url}/text`); await r.text(); return [r.bodyUsed, await r.text().catch(told)]; },
  "used at once": async () => { const r = await fetch(`${url}/text`); const p = r.text(); return [r.bodyUsed, await p]; },
  "json after text": async () => { const r = await fetch(`${url}/json`); await r.text(); return r.json(); },
  "clone": async () => { const r = await fetch(`${url}/text`); const c = r.clone(); return [await r.text(), await c.text(), c.status, c.url === r.url]; },
  "clone of a used one": async () => { const r = await fetch(`${url}/text`); await r.text(); r.clone(); },
  "clone is read alone": async () => (await fetch(`${url}/text`)).clone().text(),

  // Redirects.
  ...Object.fromEntries([301, 302, 303, 307, 308].flatMap((status) => ["POST", "PUT", "GET"].map((method) => [
    `${method} ${status}`, async () => {
      const r = await fetch(`${url}/redirect/${status}`, { method, headers: { "x-a": "1", authorization: "secret" }, ...(method === "GET" ? {} : { body: "b" }) });
      return [r.redirected, r.url === `${url}/echo`, await echo(r)];
    },
  ]))),
  "to another host": async () => echo(fetch(`${url}/redirect/other`, { headers: { "x-a": "1", authorization: "secret", cookie: "c" } })),
  "manual": async () => { const r = await fetch(`${url}/redirect/302`, { redirect: "manual" }); return [r.status, r.type, r.redirected, r.url === `${url}/redirect/302`, r.headers.get("location"), await r.text()]; },
  "error": () => fetch(`${url}/redirect/302`, { redirect: "error" }),
  "loop": () => fetch(`${url}/redirect/loop`),
  "to ftp": () => fetch(`${url}/redirect/ftp`),
  "without location": async () => (await fetch(`${url}/redirect/none`)).status,
  "304": async () => { const r = await fetch(`${url}/304`); return [r.status, r.body]; },

  // Streams.
  "for await": async () => read((await fetch(`${url}/slow`)).body),
  "chunks are Uint8Arrays": async () => { for await (const c of (await fetch(`${url}/text`)).body) return [c.constructor.name, c.length]; },
  "break ends it": async () => { const r = await fetch(`${url}/endless`); for await (const c of r.body) if (c.length > 0) break; return [r.bodyUsed, r.body.locked]; },
  "reader": async () => {
    const r = await fetch(`${url}/slow`), reader = r.body.getReader();
    const first = await reader.read();
    const state = [first.done, first.value.constructor.name, r.bodyUsed, r.body.locked];
    let text = String.fromCharCode(...first.value);
    for (let next; !(next = await reader.read()).done;) text += String.fromCharCode(...next.value);
    await reader.closed;
    return [...state, text, await reader.read(), await r.text().catch(told)];
  },
  "two readers": async () => { const r = await fetch(`${url}/text`); r.body.getReader(); r.body.getReader(); },
  "released": async () => { const r = await fetch(`${url}/text`), reader = r.body.getReader(); reader.releaseLock(); return [await reader.read().catch(told), await r.text()]; },
  "cancel": async () => { const r = await fetch(`${url}/endless`); await r.body.cancel(); return [r.bodyUsed, await r.text().catch(told)]; },
  "tee": async () => { const [a, b] = (await fetch(`${url}/slow`)).body.tee(); return [await read(a), await read(b)]; },
  "response of a stream": async () => new Response((await fetch(`${url}/text`)).body).text(),
  "50 MB": async () => { let n = 0; for await (const c of (await fetch(`${url}/large`)).body) n += c.length; return n; },
  "cut off": async () => { const r = await fetch(`${url}/cut`); return [r.status, await r.text().catch((e) => [e.name, e.message])]; },
  "cut off stream": async () => { try { await read((await fetch(`${url}/cut`)).body); } catch (e) { return [e.name, e.message]; } },

  // Errors and aborts.
  "refused": () => fetch(`http://${refused}/`),
  "no such host": () => fetch("http://nowhere.invalid/"),
  "closed at once": async () => { try { await fetch(`${url}/close`); } catch (e) { return [e.name, e.message, e.cause instanceof Error]; } },
  "relative URL": () => fetch("/x"),
  "no URL": () => fetch(),
  "unknown scheme": () => fetch("ftp://h/"),
  "trace": () => fetch(url, { method: "TRACE" }),
  "bad method": () => fetch(url, { method: "a b" }),
  "bad redirect": () => fetch(url, { redirect: "x" }),
  "body with get": () => fetch(url, { body: "x" }),
  "bad signal": () => fetch(url, { signal: 1 }),
  "bad init": () => fetch(url, { headers: 1 }),
  "stream without duplex": async () => fetch(url, { method: "POST", body: (await fetch(`${url}/text`)).body }),
  "aborted before": () => fetch(url, { signal: AbortSignal.abort() }),
  "aborted with a reason": () => fetch(url, { signal: AbortSignal.abort("why") }),
  "aborted with an error": () => fetch(url, { signal: AbortSignal.abort(new RangeError("mine")) }),
  "aborted at once": () => { const c = new AbortController(); const p = fetch(`${url}/hang`, { signal: c.signal }); c.abort(); return p; },
  "aborted later": () => { const c = new AbortController(); setTimeout(() => c.abort(), 20); return fetch(`${url}/hang`, { signal: c.signal }); },
  "timeout": () => fetch(`${url}/hang`, { signal: AbortSignal.timeout(20) }),
  "timeout of the body": async () => { const r = await fetch(`${url}/endless-slow`, { signal: AbortSignal.timeout(1000) }); return [r.status, await r.text().catch(told)]; },
  "abort of the body": async () => {
    const c = new AbortController(), r = await fetch(`${url}/endless-slow`, { signal: c.signal });
    const reader = r.body.getReader();
    await reader.read();
    c.abort(new Error("enough"));
    try { while (!(await reader.read()).done); } catch (e) { return told(e); }
  },
  "abort after the end": async () => { const c = new AbortController(), r = await fetch(`${url}/text`, { signal: c.signal }); const t = await r.text(); c.abort(); return t; },
  "signal of the request": async () => { const c = new AbortController(), r = new Request(url, { signal: c.signal }); c.abort("x"); return [r.signal === c.signal, r.signal.aborted, r.signal.reason]; },

  // Signals.
  "signal": () => { const { signal } = new AbortController(); return [signal.aborted, signal.reason === undefined, signal.onabort, signal instanceof AbortSignal, String(signal)]; },
  "abort twice": () => { const c = new AbortController(); c.abort(1); c.abort(2); return c.signal.reason; },
  "default reason": () => told(AbortSignal.abort().reason),
  "throwIfAborted": () => { new AbortController().signal.throwIfAborted(); AbortSignal.abort(new Error("x")).throwIfAborted(); },
  "listeners": () => {
    const c = new AbortController(), seen = [], gone = () => seen.push("gone");
    c.signal.onabort = (e) => seen.push(["on", e.type, e.target === c.signal]);
    c.signal.addEventListener("abort", () => seen.push("one"), { once: true });
    c.signal.addEventListener("abort", { handleEvent() { seen.push("object"); } });
    c.signal.addEventListener("abort", gone);
    c.signal.removeEventListener("abort", gone);
    c.abort();
    c.abort();
    return seen;
  },
  "any": () => { const a = new AbortController(), b = new AbortController(), any = AbortSignal.any([a.signal, b.signal]); b.abort("b"); a.abort("a"); return [any.aborted, any.reason]; },
  "any of none": () => AbortSignal.any([]).aborted,
  "any already": () => AbortSignal.any([new AbortController().signal, AbortSignal.abort("x")]).reason,
  "any and timeout": async () => { const s = AbortSignal.any([AbortSignal.timeout(5), new AbortController().signal]); await new Promise((r) => { s.onabort = r; }); return told(s.reason); },
  "new AbortSignal": () => new AbortSignal(),
  "bad timeout": () => AbortSignal.timeout(-1),
  "bad any": () => AbortSignal.any([1]),

  // Headers.
  "Headers": () => { const h = new Headers({ B: "1", a: " 2 " }); h.append("b", "3"); h.set("C", "4"); h.delete("a"); return [[...h], h.get("B"), h.has("A"), [...h.keys()], [...h.values()], String(h)]; },
  "Headers.forEach": () => { const out = []; new Headers([["b", "1"], ["a", "2"]]).forEach((v, k, h) => out.push([k, v, h instanceof Headers])); return out; },
  "Headers of Headers": () => { const a = new Headers({ a: "1" }), b = new Headers(a); b.set("a", "2"); return [a.get("a"), b.get("a")]; },
  "set-cookie": () => { const h = new Headers(); h.append("set-cookie", "a=1"); h.append("Set-Cookie", "b=2"); return [[...h], h.getSetCookie(), h.get("set-cookie")]; },
  "bad header name": () => new Headers({ "a b": "c" }),
  "empty header name": () => new Headers({ "": "c" }),
  "bad header value": () => new Headers({ a: "b\nc" }),
  "not latin-1": () => new Headers({ a: "\u20ac" }),
  "not a pair": () => new Headers([["a"]]),
  "headers of a number": () => new Headers(1),
  "headers of null": () => new Headers(null),
  "too few arguments": () => new Headers().append("a"),

  // Request and Response by themselves.
  "Request": () => { const r = new Request(`${url}/a?b#c`, { method: "post", body: "x" }); return [r.method, r.url === `${url}/a?b#c`, r.redirect, r.mode, r.credentials, r.cache, r.referrer, r.destination, r.keepalive, r.integrity, r.duplex, r.bodyUsed, [...r.headers], String(r)]; },
  "Request.json": async () => new Request(url, { method: "POST", body: '{"a":1}' }).json(),
  "Request without arguments": () => new Request(),
  "Response": () => { const r = new Response("x", { status: 201, statusText: "made", headers: { a: "1" } }); return [r.status, r.statusText, r.ok, r.type, r.url, [...r.headers], String(r)]; },
  "Response of nothing": async () => { const r = new Response(); return [r.status, r.body, await r.text(), r.bodyUsed]; },
  "Response of undefined": async () => new Response(undefined).text(),
  "Response of a form": async () => { const r = new Response(new URLSearchParams({ a: 1 })); return [r.headers.get("content-type"), await r.text()]; },
  "Response of a Blob": async () => { const r = new Response(new Blob(["x"], { type: "a/b" })); return [r.headers.get("content-type"), (await r.blob()).type]; },
  "Response.json": async () => { const r = Response.json({ a: [1] }, { status: 201 }); return [r.status, r.headers.get("content-type"), await r.json()]; },
  "Response.json with a type": () => Response.json({}, { headers: { "content-type": "x/y" } }).headers.get("content-type"),
  "Response.json of undefined": () => Response.json(undefined),
  "Response.error": () => { const r = Response.error(); return [r.type, r.status, r.ok, r.body]; },
  "Response.redirect": () => { const r = Response.redirect("http://x/y", 307); return [r.status, [...r.headers], r.redirected]; },
  "Response.redirect, bad status": () => Response.redirect("http://x/", 200),
  "Response.redirect, bad URL": () => Response.redirect("/x"),
  "status too low": () => new Response("", { status: 99 }),
  "null body status": () => new Response("x", { status: 204 }),
  "bad status text": () => new Response("x", { statusText: "a\nb" }),
  "body of a Response": async () => { const r = new Response("héllo"); return [await read(r.body) === "h\u00c3\u00a9llo", r.bodyUsed]; },
  "same body": () => { const r = new Response("x"); return r.body === r.body; },

  // As console.log prints them.
  "inspect Headers": () => [inspect(new Headers({ b: "1", "x-a": "2" })), inspect(new Headers())],
  "inspect Response": () => inspect(new Response(null, { status: 201, headers: { a: "1" } })),
  "inspect Request": () => inspect(new Request("http://h/x", { method: "POST", headers: { a: "1" } })),
  "inspect signals": () => [inspect(AbortSignal.abort()), inspect(new AbortController())],
  "inspect Blob": () => [inspect(new Blob(["x"], { type: "a/b" })), inspect(new File(["x"], "n", { lastModified: 5 }))],
  "inspect FormData": () => { const f = new FormData(); f.append("a", "1"); f.append("b", "2"); f.append("a", "3"); return inspect(f); },
  "inspect inside": () => inspect({ a: { b: new Headers({ c: "1" }), d: { e: new Headers({ f: "1" }) } } }),

  // Blobs and forms.
  "Blob parts": async () => { const b = new Blob(["a", bytes(98), bytes(99).buffer, new Blob(["d"]), 1]); return [b.size, await b.text(), [...new Uint8Array(await b.arrayBuffer())], String(b)]; },
  "Blob.slice": async () => { const b = new Blob(["hello"]); return [await b.slice(1, -1).text(), await b.slice(-2).text(), b.slice(0, 1, "A/B").type]; },
  "Blob.stream": async () => read(new Blob(["abc"]).stream()),
  "Blob of a string": () => new Blob("x"),
  "File": async () => { const f = new File(["a"], "n.txt", { type: "a/b", lastModified: 5 }); return [f.name, f.size, f.type, f.lastModified, f instanceof Blob, await f.text()]; },
  "FormData entries": () => { const f = new FormData(); f.append("a", 1); f.append("b", "x"); f.append("a", 2); f.set("b", "y"); return [[...f], f.get("a"), f.getAll("a"), f.has("c"), f.get("c"), [...f.keys()]]; },
  "FormData.set": () => { const f = new FormData(); f.append("a", 1); f.append("b", 2); f.append("a", 3); f.set("a", 4); f.delete("b"); return [...f]; },
  "FormData file": async () => { const f = new FormData(); f.append("a", new Blob(["x"])); const v = f.get("a"); return [v instanceof File, v.name, await v.text()]; },
};

export const main = async (print) => {
  for (const [name, run] of Object.entries(table)) {
    let line;
    try {
      line = `=> ${JSON.stringify(await run())}`;
    } catch (e) {
      line = `!! ${JSON.stringify(told(e))}`;
    }
    print(`${name} ${line}`);
  }
};
