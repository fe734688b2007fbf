package js

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/miniboss/miniboss/network/networktest"
)

// loadHook loads a file whose service has a method, and returns the file.
// env is added to the environment; what is printed goes to the slice.
func loadHook(t *testing.T, method string, env ...string) (*File, *[]string) {
	t.Helper()
	lines := &[]string{}
	dir := t.TempDir()
	f, err := Load(t.Context(), Options{
		File: write(t, dir, "miniboss.ts", `import { Service, sql, redis, probe, context } from "miniboss";
export class App extends Service { name = "app"; image = "i";
`+method+`
}
export class Other extends Service { name = "other-one"; image = "i"; }
`),
		WorkDir: dir, Env: append(os.Environ(), env...),
		Console: func(l Line) { *lines = append(*lines, l.Text) },
		OnError: func(e *Error) { t.Errorf("nobody waited for: %v", e) },
	})
	if err != nil {
		t.Fatal(describeError(err))
	}
	t.Cleanup(f.Close)
	return f, lines
}

// runHook runs the body of a postStart, which prints with console.log, and
// returns what it printed.
func runHook(t *testing.T, body string, env ...string) []string {
	t.Helper()
	f, lines := loadHook(t, "async postStart() {\n"+body+"\n}", env...)
	if err := f.Services[0].Hooks.PostStart(t.Context()); err != nil {
		t.Error(describeError(err))
	}
	f.Close() // from here on nothing is printed
	return *lines
}

// wantLines compares lines of output.
func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		var g, w string
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Errorf("line %d:\n got %s\nwant %s", i+1, g, w)
		}
	}
}

func TestSQLPostgres(t *testing.T) {
	t.Parallel()
	server := networktest.Postgres(t)
	got := runHook(t, `
	const db = sql(process.env.DB);
	const show = (v) => console.log(JSON.stringify(v));
	show(await db.query("SELECT 1 AS b, 'x' AS a, 9007199254740993::bigint AS big, 1.50::numeric AS n, NULL AS nothing, true AS yes"));
	show(await db.query("SELECT '{\"z\":1,\"a\":[2]}'::json AS j, ARRAY[1,2] AS list, '{\"x\"}'::text[] AS texts"));
	const [row] = await db.query("SELECT '\\x00ff'::bytea AS b, timestamptz '2024-01-31 12:00:00.123Z' AS at, 1 AS __proto__, 2 AS constructor");
	show([Buffer.isBuffer(row.b), row.b.toString("hex"), row.at instanceof Date, row.at, Object.keys(row)]);
	await db.exec("CREATE TABLE todo (id serial PRIMARY KEY, what text, done bool, at timestamptz, data jsonb, bin bytea, tags text[])");
	const at = new Date("2024-05-06T07:08:09.010Z");
	show(await db.exec("INSERT INTO todo (what, done, at, data, bin, tags) VALUES ($1, $2, $3, $4, $5, $6)",
		["it's", false, at, { a: [1] }, new Uint8Array([1, 2]).subarray(1), ["a", null, 'b"']]));
	await db.exec("INSERT INTO todo (what, data) VALUES ($1, $2)", [undefined, context]);
	const [first, second] = await db.query("SELECT * FROM todo WHERE id <= $1 ORDER BY id", [2n]);
	show([first.what, first.done, first.at.getTime() === at.getTime(), first.data, [...first.bin], first.tags, second.what, second.data]);
	show(await db.exec("UPDATE todo SET done = true"));
	show(await db.query("DELETE FROM todo WHERE id = 99"));
	// Not awaited one by one, and still in this order, in one transaction.
	const steps = [db.exec("BEGIN"), db.exec("DELETE FROM todo"), db.query("SELECT count(*) FROM todo"), db.exec("ROLLBACK"), db.query("SELECT count(*) FROM todo")];
	show((await Promise.all(steps)).map((r) => (Array.isArray(r) ? r[0].count : r.rowCount)));
	for (const bad of [
		() => db.query("SELEC 1"), () => db.query("SELECT * FROM nowhere"), () => db.query("SELECT $1::int", ["x"]),
		() => db.query("INSERT INTO todo (id) VALUES (1)"),
		() => db.query(""), () => db.query(1), () => db.query("SELECT 1", 1), () => db.query("SELECT $1", [Symbol("s")]), () => db.query("SELECT $1", [() => 1]),
		() => sql(), () => sql("localhost:5432"), () => sql("sqlite://u:s3cret@h/x"), () => sql("postgres://u:s3#cret@h/x"), () => sql("postgres://u:s3cret@h/x?sslmode=what"),
	]) {
		try { await bad(); console.log("no error"); } catch (e) { console.log([e.name, e.code, e.message].join(" | ")); }
	}
	show(await db.query("SELECT 1 AS still"));
	await db.close();
	await db.close();
	await db.query("SELECT 1").catch((e) => console.log(e.message));
	`, "DB="+server.URL(""))
	wantLines(t, got,
		`[{"b":1,"a":"x","big":"9007199254740993","n":"1.50","nothing":null,"yes":true}]`,
		`[{"j":{"z":1,"a":[2]},"list":[1,2],"texts":["x"]}]`,
		`[true,"00ff",true,"2024-01-31T12:00:00.123Z",["b","at","__proto__","constructor"]]`,
		`{"rowCount":1}`,
		`["it's",false,true,{"a":[1]},[2],["a",null,"b\""],null,{}]`,
		`{"rowCount":2}`,
		`[]`,
		`[0,2,0,0,2]`,
		`Error | 42601 | query: syntax error at or near "SELEC"`,
		`Error | 42P01 | query: relation "nowhere" does not exist`,
		`Error | 22P02 | query: invalid input syntax for type integer: "x"`,
		`Error | 23505 | query: duplicate key value violates unique constraint "todo_pkey": Key (id)=(1) already exists`,
		`TypeError |  | query: the statement must be a non-empty string, not ''`,
		`TypeError |  | query: the statement must be a non-empty string, not 1`,
		`TypeError |  | query: the parameters must be an array, not 1`,
		`TypeError |  | query: parameter 1 cannot be Symbol(s)`,
		`TypeError |  | query: parameter 1 cannot be [Function (anonymous)]`,
		`TypeError |  | sql: the URL must be a string, not undefined`,
		`TypeError |  | invalid URL "localhost:5432": it must begin with postgres:// or postgresql:// or mysql:// or mariadb://`,
		`TypeError |  | invalid URL "sqlite://***@h/x": unknown scheme "sqlite", use postgres:// or postgresql:// or mysql:// or mariadb://`,
		`TypeError |  | invalid URL "postgres://***@h/x": special characters in user name, password and names must be percent-encoded`,
		`TypeError |  | invalid URL "postgres://***@h/x?sslmode=what": failed to configure TLS (sslmode is invalid)`,
		`[{"still":1}]`,
		`the connection to `+server.Addr+` was closed`,
	)
}

func TestSQLMySQL(t *testing.T) {
	t.Parallel()
	server := networktest.MariaDB(t)
	got := runHook(t, `
	const db = sql(process.env.DB);
	const show = (v) => console.log(JSON.stringify(v));
	await db.exec("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, what TEXT, at DATETIME(3), data JSON, bin BLOB); INSERT INTO t (what) VALUES ('a')");
	const at = new Date("2024-05-06T07:08:09.010Z");
	show(await db.exec("INSERT INTO t (what, at, data, bin) VALUES (?, ?, ?, ?)", ["b", at, { a: 1 }, Buffer.from([0, 255])]));
	const rows = await db.query("SELECT * FROM t WHERE id <= ? ORDER BY id", [5]);
	show([rows[0], rows[1].at.getTime() === at.getTime(), rows[1].bin.toString("hex"), typeof rows[1].data]);
	await db.query("SELECT ?", [[1]]).catch((e) => console.log(e.name, e.message));
	await db.query("SELECT * FROM nowhere").catch((e) => console.log(e.code, e.message));
	`, "DB="+server.URL(""))
	wantLines(t, got,
		`{"rowCount":1}`,
		`[{"id":1,"what":"a","at":null,"data":null,"bin":null},true,"00ff","string"]`,
		`TypeError parameter 1: MySQL does not support arrays`,
		`42S02 query: Table 'test.nowhere' doesn't exist (1146)`,
	)
}

func TestRedisBinding(t *testing.T) {
	t.Parallel()
	server := networktest.Redis(t)
	got := runHook(t, `
	const r = redis(process.env.URL_);
	const show = (v) => console.log(JSON.stringify(v));
	show(await Promise.all([r.command("SET", "k", 1), r.command("INCR", "k"), r.command("GET", "k"), r.command("GET", "none")]));
	await r.command("HSET", "h", "a", 1.5, "b", new Uint8Array([65]));
	show(await r.command("HGETALL", "h"));
	for (const bad of [() => r.command("LPUSH", "k", "x"), () => r.command(1), () => r.command("SET", "k", {}), () => redis("http://h")]) {
		try { await bad(); console.log("no error"); } catch (e) { console.log([e.name, e.code, e.message].join(" | ")); }
	}
	await r.close();
	await r.command("PING").catch((e) => console.log(e.message));
	`, "URL_="+server.URL(""))
	wantLines(t, got,
		`["OK",2,"2",null]`,
		`["a","1.5","b","A"]`,
		`Error | WRONGTYPE | command: WRONGTYPE Operation against a key holding the wrong kind of value`,
		`TypeError |  | command: the name of a command must be a string, not 1`,
		`TypeError |  | command: argument 2 must be a string, a number or bytes, not {}`,
		`TypeError |  | invalid URL "http://h": unknown scheme "http", use redis:// or rediss://`,
		`the connection to `+server.Addr+` was closed`,
	)
}

// TestNetworkErrorsPointAtTheLine shows where the errors of calls that were
// awaited are said to be.
func TestNetworkErrorsPointAtTheLine(t *testing.T) {
	t.Parallel()
	refused := networktest.RefusedAddr(t)
	for _, test := range []struct{ call, at, message string }{
		{"await fetch(`http://${REFUSED}/`)", "await fetch", "TypeError: fetch failed: connect REFUSED: connection refused"},
		{"await fetch(`http://${REFUSED}/`, { signal: AbortSignal.abort() })", "AbortSignal.abort", "AbortError: This operation was aborted"},
		{"await fetch('/x')", "await fetch", "TypeError: Failed to parse URL from /x: "},
		{"await new Response('{').json()", "await new", ""},
		{"await sql(`postgres://u:p4ss@${REFUSED}/x`).query('SELECT 1')", "await sql", "connect REFUSED: connection refused"},
		{"sql('x')", "sql('x')", "TypeError: invalid URL"},
		{"await redis(`redis://u:p4ss@${REFUSED}`).command('PING')", "await redis", "connect REFUSED: connection refused"},
		{"await probe.tcp('x')", "await probe", "TypeError: invalid address"},
		{"await probe.http('ftp://h')", "await probe", "TypeError: invalid URL"},
		{"await probe.sql('x')", "await probe", "TypeError: invalid URL"},
	} {
		code := strings.ReplaceAll(test.call, "${REFUSED}", refused)
		f, _ := loadHook(t, "async postStart() {\n  await 1;\n  await this.help();\n}\nasync help() {\n  "+code+";\n}")
		err := f.Services[0].Hooks.PostStart(t.Context())
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v", code, err)
			continue
		}
		if e.Pos.Line != 8 || strings.TrimSpace(e.Line) != code+";" {
			t.Errorf("%s: at %v, line %q\n%s", code, e.Pos, e.Line, describeError(err))
		}
		want := strings.ReplaceAll(test.message, "REFUSED", refused)
		if !strings.HasPrefix(err.Error(), want) || strings.Contains(describeError(err), "p4ss@") && !strings.Contains(code, "p4ss") {
			t.Errorf("%s:\n got %v\nwant %s", code, err, want)
		}
	}
}

// TestSQLConnections shows that a database is one connection, which several
// hooks can share, and which is gone when the file is closed.
func TestSQLConnections(t *testing.T) {
	t.Parallel()
	server := networktest.Postgres(t)
	env := "DB=" + server.URL("")
	f, lines := loadHook(t, `
	db = sql(process.env.DB);
	backend() { return this.db.query("SELECT pg_backend_pid() AS pid").then(([r]) => r.pid); }
	async preStart() { this.first = await this.backend(); }
	async postStart() { console.log(this.first === await this.backend()); }`, env)
	for _, hook := range []func(context.Context) error{f.Services[0].Hooks.PreStart, f.Services[0].Hooks.PostStart} {
		if err := hook(t.Context()); err != nil {
			t.Error(describeError(err))
		}
	}
	f.Close()
	wantLines(t, *lines, "true")
	// The server notices the end a moment later.
	wantLines(t, runHook(t, `
	const db = sql(process.env.DB);
	for (;;) {
		const [{ count }] = await db.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'miniboss'");
		if (count === 1) break;
	}
	console.log("closed");`, env), "closed")
}
