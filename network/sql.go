package network

import (
	"context"
	"errors"
	"sync"
)

// Database is one connection to a PostgreSQL or MySQL server. It is opened by
// the first query, and anew by the next one after it broke; what a connection
// remembers (a transaction, SET, temporary tables) is there for the queries
// after it. Its methods may be called from several goroutines: the queries run
// one after the other.
type Database struct {
	target string // host:port, for messages
	turn   chan struct{}
	driver driver

	mu     sync.Mutex // guards closed
	closed bool
}

// driver is what differs between the kinds of server. Its methods are called
// by one goroutine at a time.
type driver interface {
	// run runs a statement, which may be several where there are no parameters.
	// Where rows are not wanted, Result holds just their number.
	run(ctx context.Context, text string, params []any, rows bool) (Result, error)
	// explain finds what the server said in an error, if it was the server.
	explain(err error) (said *Error, ok bool)
	// invalid reports whether the server calls the text of a query malformed.
	invalid(err error) bool
	close()
}

// Result is what a statement gave. Where there were several, it is that of the
// last one which returned rows, or else of the last one.
type Result struct {
	Columns []string
	// Rows hold a value for each column: nil, bool, int64, float64, string,
	// []byte, time.Time, JSON, or []any of these for an array. An integer that
	// a JavaScript number cannot hold exactly, and a decimal number, is a
	// string; so is everything that has no type of its own in JavaScript, such
	// as a day without a time or a UUID.
	Rows [][]any
	// RowCount is the number of rows returned or changed.
	RowCount int64
}

// JSON is a value of a JSON column, as text.
type JSON string

// maxSafe is the greatest integer up to which a JavaScript number is exact.
const maxSafe = 1<<53 - 1

// OpenSQL checks a URL and returns a database that is not connected yet:
//
//	postgres://user:password@host:5432/database?sslmode=disable
//	mysql://user:password@host:3306/database
//
// postgresql and mariadb are understood too. TLS is used where the server
// offers it, except on this machine; PostgreSQL's sslmode and the MySQL
// driver's tls parameter decide otherwise. The error is a *Mistake.
func OpenSQL(text string) (*Database, error) {
	u, err := parseURL(text, "postgres", "postgresql", "mysql", "mariadb")
	if err != nil {
		return nil, err
	}
	d := &Database{turn: make(chan struct{}, 1)}
	if u.Scheme == "mysql" || u.Scheme == "mariadb" {
		d.driver, d.target, err = openMySQL(u)
	} else {
		d.driver, d.target, err = openPostgres(u)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Query runs a statement and returns its rows. The parameters, $1 and so on in
// PostgreSQL and ? in MySQL, are nil, bool, int64, float64, string, []byte,
// time.Time, or for PostgreSQL []any.
func (d *Database) Query(ctx context.Context, text string, params ...any) (Result, error) {
	return d.run(ctx, text, params, true)
}

// Exec runs a statement and returns the number of rows that it changed.
// Without parameters the text may hold several statements.
func (d *Database) Exec(ctx context.Context, text string, params ...any) (int64, error) {
	result, err := d.run(ctx, text, params, false)
	return result.RowCount, err
}

func (d *Database) run(ctx context.Context, text string, params []any, rows bool) (Result, error) {
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return Result{}, wrap(ctx, "query", "", ctx.Err())
	}
	defer func() { <-d.turn }()
	if d.isClosed() {
		return Result{}, mistakef("the connection to %s was closed", d.target)
	}
	result, err := d.driver.run(ctx, text, params, rows)
	if err == nil {
		return result, nil
	}
	return Result{}, d.wrap(ctx, err)
}

// wrap keeps what the server said, and makes one line of everything else.
func (d *Database) wrap(ctx context.Context, err error) error {
	var connecting *connectError
	isConnecting := errors.As(err, &connecting)
	if said, ok := d.driver.explain(err); ok {
		said.Op, said.Err = "query", err
		if isConnecting {
			said.Op, said.Target = "connect", d.target
		}
		said.Waiting = waitingForSQL(said.Code, isConnecting)
		said.Waiting.Address = d.target
		return said
	}
	if isConnecting {
		return wrap(ctx, "connect", d.target, connecting.err)
	}
	return wrap(ctx, "query", "", err)
}

// connectError is an error before the first statement could be sent.
type connectError struct{ err error }

func (e *connectError) Error() string { return e.err.Error() }
func (e *connectError) Unwrap() error { return e.err }

func (d *Database) isClosed() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

// Close waits for the query that is under way and closes the connection. More
// than one call is no error.
func (d *Database) Close() {
	d.mu.Lock()
	was := d.closed
	d.closed = true
	d.mu.Unlock()
	if was {
		return
	}
	d.turn <- struct{}{}
	defer func() { <-d.turn }()
	d.driver.close()
}

// ProbeSQL connects anew, runs a query ("": SELECT 1) and tells whether it
// succeeded, with or without rows. A server that is not reachable or still
// starting means no; so do a login that is refused, a database or a table that
// is not there: while a server initialises itself these come and go, and where
// they stay the reason tells. An attempt ends after 5 s. The error is a
// *Mistake for a malformed URL or query.
func ProbeSQL(ctx context.Context, url, query string) (Readiness, error) {
	d, err := OpenSQL(url)
	if err != nil {
		return Readiness{}, err
	}
	defer d.Close()
	if query == "" {
		query = "SELECT 1"
	}
	return attempt(ctx, attemptTimeout, d.target, func(ctx context.Context) error {
		_, err := d.Exec(ctx, query)
		var e *Error
		if errors.As(err, &e) && d.driver.invalid(e.Err) {
			return mistakef("invalid query: %s", e.Reason)
		}
		return err
	})
}
