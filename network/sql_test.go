package network

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/network/networktest"
)

func openSQL(t *testing.T, url string) *Database {
	t.Helper()
	d, err := OpenSQL(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// wantRow runs a query and compares its only row.
func wantRow(t *testing.T, d *Database, text string, params []any, want ...any) {
	t.Helper()
	result, err := d.Query(t.Context(), text, params...)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	if len(result.Rows) != 1 || !reflect.DeepEqual(plainTimes(result.Rows[0]), plainTimes(want)) {
		t.Errorf("%s:\n got %#v\nwant %#v", text, result.Rows, want)
	}
}

// plainTimes makes times comparable whatever their zone.
func plainTimes(values []any) []any {
	out := make([]any, len(values))
	for i, v := range values {
		if at, ok := v.(time.Time); ok {
			v = at.UTC().Format(time.RFC3339Nano)
		}
		out[i] = v
	}
	return out
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	server := networktest.Postgres(t)
	noon := time.Date(2024, 1, 31, 12, 0, 0, 123456000, time.UTC)
	localNoon := time.Date(2024, 1, 31, 12, 0, 0, 0, time.Local)

	t.Run("values", func(t *testing.T) {
		t.Parallel()
		d := openSQL(t, server.URL(""))
		wantRow(t, d, `SELECT 1::int2, 2::int4, 3::int8, 9007199254740991::int8, 9007199254740992::int8`, nil,
			int64(1), int64(2), int64(3), int64(9007199254740991), "9007199254740992")
		wantRow(t, d, `SELECT 1.50::numeric, 1.5::float8, 1.1::float4, true, false, NULL`, nil, "1.50", 1.5, 1.1, true, false, nil)
		wantRow(t, d, `SELECT 'é'::text, 'x'::varchar, 'y'::char(2), '\x00ff'::bytea`, nil, "é", "x", "y ", []byte{0, 255})
		wantRow(t, d, `SELECT '{"b":1,"a":[2]}'::json, '{"b":1}'::jsonb`, nil, JSON(`{"b":1,"a":[2]}`), JSON(`{"b": 1}`))
		wantRow(t, d, `SELECT timestamptz '2024-01-31 12:00:00.123456+00', timestamp '2024-01-31 12:00:00', date '2024-01-31', 'infinity'::timestamptz`, nil,
			noon, localNoon, "2024-01-31", "infinity")
		wantRow(t, d, `SET timezone = 'Asia/Kolkata'; SELECT timestamptz '2024-01-31 12:00:00.123456+00'`, nil, noon)
		wantRow(t, d, `SELECT '00000000-0000-0000-0000-000000000001'::uuid, interval '1 day', '10.0.0.1'::inet`, nil,
			"00000000-0000-0000-0000-000000000001", "1 day", "10.0.0.1")
		wantRow(t, d, `SELECT ARRAY[1,NULL,3], ARRAY['a "b"','c,d','NULL',NULL,'\'], ARRAY[[1,2],[3,4]], '{}'::text[], '[0:1]={5,6}'::int[]`, nil,
			[]any{int64(1), nil, int64(3)}, []any{`a "b"`, "c,d", "NULL", nil, `\`},
			[]any{[]any{int64(1), int64(2)}, []any{int64(3), int64(4)}}, []any{}, []any{int64(5), int64(6)})
	})

	t.Run("parameters", func(t *testing.T) {
		t.Parallel()
		d := openSQL(t, server.URL(""))
		wantRow(t, d, `SELECT $1::int + 1, $2::text, $3::bool, $4::bytea, $5::text, $6::timestamptz, $7::int[], $8::text[], $9::float8`,
			[]any{int64(41), "it's", true, []byte{0, 1}, nil, noon, []any{int64(1), nil}, []any{`q"\`, []byte("x")}, 0.1},
			int64(42), "it's", true, []byte{0, 1}, nil, noon, []any{int64(1), nil}, []any{`q"\`, `\x78`}, 0.1)
		wantRow(t, d, `SELECT $1::bytea`, []any{[]byte{}}, []byte{})
		wantRow(t, d, `SELECT $1::timestamp`, []any{localNoon}, localNoon)
		wantError(t, d, `SELECT $1::text`, []any{"a\x00b"}, "parameter $1: PostgreSQL text cannot contain the character U+0000", "")
		wantError(t, d, `SELECT $1::int`, []any{"x"}, `query: invalid input syntax for type integer: "x"`, "22P02")
		wantError(t, d, `SELECT $1::int`, nil, `query: there is no parameter $1`, "42P02")
	})

	t.Run("statements", func(t *testing.T) {
		t.Parallel()
		d := openSQL(t, server.URL(""))
		exec := func(want int64, text string, params ...any) {
			t.Helper()
			if count, err := d.Exec(t.Context(), text, params...); err != nil || count != want {
				t.Errorf("%s: %d %v, want %d", text, count, err, want)
			}
		}
		exec(2, `CREATE TEMP TABLE todo (id int PRIMARY KEY, what text); INSERT INTO todo VALUES (1, 'a'), (2, 'b')`)
		exec(1, `UPDATE todo SET what = $1 WHERE id = $2`, "z", int64(2))
		exec(2, `SELECT * FROM todo`)
		wantError(t, d, `INSERT INTO todo VALUES (1, 'c')`, nil,
			`query: duplicate key value violates unique constraint "todo_pkey": Key (id)=(1) already exists`, "23505")
		wantError(t, d, `SELEC 1`, nil, `query: syntax error at or near "SELEC"`, "42601")
		wantError(t, d, `SELECT length(1)`, nil, "query: function length(integer) does not exist (hint: No function matches "+
			"the given name and argument types. You might need to add explicit type casts)", "42883")
		// Several statements are one transaction, and the rows are those of the
		// last one that has some.
		wantRow(t, d, `SELECT 1 AS a; SELECT 2 AS b; UPDATE todo SET what = what`, nil, int64(2))
		exec(0, `BEGIN`)
		exec(2, `DELETE FROM todo`)
		exec(0, `ROLLBACK`)
		result, err := d.Query(t.Context(), `SELECT what, id FROM todo ORDER BY id`)
		want := Result{Columns: []string{"what", "id"}, Rows: [][]any{{"a", int64(1)}, {"z", int64(2)}}, RowCount: 2}
		if err != nil || !reflect.DeepEqual(result, want) {
			t.Errorf("got %v %v, want %v", result, err, want)
		}
		result, err = d.Query(t.Context(), `SELECT id FROM todo WHERE id = 9`)
		if err != nil || result.Rows == nil || len(result.Rows) != 0 {
			t.Errorf("no rows: got %#v %v", result, err)
		}
	})

	t.Run("cancel", func(t *testing.T) {
		t.Parallel()
		d := openSQL(t, server.URL(""))
		wantRow(t, d, `SELECT 1`, nil, int64(1))
		ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Millisecond, errors.New("ping: time is up"))
		defer cancel()
		if _, err := d.Query(ctx, `SELECT pg_sleep(60)`); err == nil || err.Error() != "query: ping: time is up" {
			t.Errorf("got %v", err)
		}
		wantRow(t, d, `SELECT 2`, nil, int64(2))
		d.Close()
		d.Close()
		wantError(t, d, `SELECT 1`, nil, "the connection to "+server.Addr+" was closed", "")
	})

	t.Run("not ready", func(t *testing.T) {
		t.Parallel()
		wrong := strings.Replace(server.URL(""), server.Password, "wr0ng-p4ss", 1)
		wantReadiness(t, probeSQL(t, server.URL(""), ""), "")
		wantReadiness(t, probeSQL(t, server.URL(""), "SELECT 1 WHERE false"), "")
		wantReadiness(t, probeSQL(t, wrong, ""), `connect `+server.Addr+`: password authentication failed for user "admin"`)
		wantReadiness(t, probeSQL(t, server.URL("nowhere"), ""), `connect `+server.Addr+`: database "nowhere" does not exist`)
		wantReadiness(t, probeSQL(t, server.URL(""), "SELECT * FROM later"), `query: relation "later" does not exist`)
		if _, err := ProbeSQL(t.Context(), server.URL(""), "SELEC 1"); !isMistake(err) || err.Error() != `invalid query: syntax error at or near "SELEC"` {
			t.Errorf("syntax error: %v", err)
		}
	})
}

// TestPostgresRestart shows that a database comes back after its server did,
// and what a probe says meanwhile.
func TestPostgresRestart(t *testing.T) {
	t.Parallel()
	server := networktest.Postgres(t)
	d := openSQL(t, server.URL(""))
	wantRow(t, d, `SELECT 1`, nil, int64(1))
	server.Kill()
	refused := "connect " + server.Addr + ": connection refused"
	wantReadiness(t, probeSQL(t, server.URL(""), ""), refused)
	// A crash leaves it recovering for a moment: "starting up" is not ready.
	ready := server.Launch()
	seen := map[string]bool{}
	for deadline := time.Now().Add(time.Minute); ; {
		r := probeSQL(t, server.URL(""), "")
		seen[r.Reason] = true
		if r.Ready {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("not ready again: %v", seen)
		}
	}
	<-ready
	for reason := range seen {
		known := reason == "" || reason == refused || strings.Contains(reason, "starting up") ||
			strings.Contains(reason, "not yet accepting connections") || strings.Contains(reason, "recovery mode")
		if !known {
			t.Errorf("reason %q", reason)
		}
	}
	// The old connection is dead: it is noticed at the latest by the first
	// query, and the second one connects anew.
	if _, err := d.Query(t.Context(), `SELECT 2`); err != nil {
		wantRow(t, d, `SELECT 2`, nil, int64(2))
	}
}

func TestMariaDB(t *testing.T) {
	t.Parallel()
	server := networktest.MariaDB(t)
	noon := time.Date(2024, 1, 31, 12, 0, 0, 0, time.Local)
	// With and without parameters: the protocols differ.
	for _, params := range [][]any{nil, {int64(1)}} {
		where := " WHERE 1"
		if params != nil {
			where = " WHERE ?"
		}
		t.Run(fmt.Sprintf("values, %d parameters", len(params)), func(t *testing.T) {
			t.Parallel()
			d := openSQL(t, server.URL(""))
			if _, err := d.Exec(t.Context(), `CREATE TEMPORARY TABLE v (a TINYINT(1), b BIGINT, c BIGINT UNSIGNED, d DECIMAL(10,2),
				e DOUBLE, f FLOAT, g VARCHAR(9), h BLOB, i DATETIME, j DATE, k TIME, l YEAR, m TEXT);
				INSERT INTO v VALUES (1, -5, 18446744073709551615, 1.5, 1.5, 1.1, 'é', x'00ff', '2024-01-31 12:00:00', '2024-01-31', '12:00:00', 2024, NULL)`); err != nil {
				t.Fatal(err)
			}
			wantRow(t, d, `SELECT * FROM v`+where, params, int64(1), int64(-5), "18446744073709551615", "1.50", 1.5, 1.1, "é",
				[]byte{0, 255}, noon, "2024-01-31", "12:00:00", int64(2024), nil)
		})
	}

	t.Run("statements", func(t *testing.T) {
		t.Parallel()
		d := openSQL(t, server.URL(""))
		wantRow(t, d, `SELECT ? + 1, ?, ?, ?`, []any{int64(1), "x", nil, []byte("b")}, int64(2), "x", nil, "b")
		if count, err := d.Exec(t.Context(), `CREATE TEMPORARY TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2)`); err != nil || count != 2 {
			t.Errorf("%d %v", count, err)
		}
		wantError(t, d, `INSERT INTO t VALUES (1)`, nil, "query: Duplicate entry '1' for key 'PRIMARY' (1062)", "23000")
		wantError(t, d, `SELECT ?`, []any{[]any{int64(1)}}, "parameter 1: MySQL does not support arrays", "")
		wantRow(t, d, `SELECT COUNT(*) FROM t`, nil, int64(2))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if _, err := d.Query(ctx, `SELECT SLEEP(60)`); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		wantRow(t, d, `SELECT 2`, nil, int64(2))
	})

	t.Run("not ready", func(t *testing.T) {
		t.Parallel()
		wrong := strings.Replace(server.URL(""), server.Password, "wr0ng-p4ss", 1)
		wantReadiness(t, probeSQL(t, server.URL(""), ""), "")
		wantReadiness(t, probeSQL(t, wrong, ""), "connect "+server.Addr+": Access denied for user 'admin'@'127.0.0.1' (using password: YES) (1045)")
		wantReadiness(t, probeSQL(t, server.URL("nowhere"), ""), "connect "+server.Addr+": Unknown database 'nowhere' (1049)")
		wantReadiness(t, probeSQL(t, "mysql://u:p4sswd@"+networktest.RefusedAddr(t)+"/x", ""), "refused")
		if _, err := ProbeSQL(t.Context(), server.URL(""), "SELEC 1"); !isMistake(err) || !strings.Contains(err.Error(), "invalid query: You have an error in your SQL syntax") {
			t.Errorf("syntax error: %v", err)
		}
	})
}

func wantError(t *testing.T, d *Database, text string, params []any, message, code string) {
	t.Helper()
	_, err := d.Query(t.Context(), text, params...)
	var e *Error
	_ = errors.As(err, &e)
	if err == nil || err.Error() != message || (e != nil) != (code != "") || e != nil && e.Code != code {
		t.Errorf("%s:\n got %v %#v\nwant %s %s", text, err, e, message, code)
	}
}

func probeSQL(t *testing.T, url, query string) Readiness {
	t.Helper()
	r, err := ProbeSQL(t.Context(), url, query)
	if err != nil {
		t.Errorf("%s: %v", Redact(url), err)
	}
	if strings.Contains(r.Reason, "p4ss") {
		t.Errorf("the reason holds a password: %s", r.Reason)
	}
	return r
}

// wantReadiness compares a reason, or a piece of it; "" means ready.
func wantReadiness(t *testing.T, r Readiness, reason string) {
	t.Helper()
	if r.Ready != (reason == "") || !strings.Contains(r.Reason, reason) {
		t.Errorf("got %+v, want the reason %q", r, reason)
	}
}

func isMistake(err error) bool {
	var mistake *Mistake
	return errors.As(err, &mistake)
}
