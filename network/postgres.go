package network

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// closeTimeout ends a polite goodbye to a server.
const closeTimeout = time.Second

// postgres talks to PostgreSQL. It leaves all types to the server by sending
// and receiving text, as node-pg does: the server knows what a parameter has
// to be, and any type it has can be shown.
type postgres struct {
	config *pgconn.Config
	conn   *pgconn.PgConn // nil: not connected
	used   time.Time      // when conn was used last
}

func openPostgres(u *url.URL) (driver, string, error) {
	query := u.Query()
	if query.Get("sslmode") == "" {
		// "prefer" connects twice where there is no TLS.
		query.Set("sslmode", "prefer")
		if isThisMachine(u.Hostname()) {
			query.Set("sslmode", "disable")
		}
		u.RawQuery = query.Encode()
	}
	config, err := pgconn.ParseConfig(u.String())
	if err != nil {
		return nil, "", mistakef("invalid URL %q: %s", Redact(u.String()), parameterProblem(err))
	}
	// What the parsing of results relies on, whatever the server's settings.
	for key, value := range map[string]string{"client_encoding": "UTF8", "datestyle": "ISO", "application_name": "miniboss"} {
		if _, ok := config.RuntimeParams[key]; !ok || key != "application_name" {
			config.RuntimeParams[key] = value
		}
	}
	return &postgres{config: config}, net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))), nil
}

func isThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// parameterProblem returns what a ParseConfigError says behind the URL that it
// quotes.
func parameterProblem(err error) string {
	text := err.Error()
	if end := strings.LastIndex(text, "`: "); end >= 0 {
		return text[end+len("`: "):]
	}
	return "invalid parameters"
}

// idleTime is how long a connection may lie unused before it is looked at: its
// server may have gone away meanwhile, a container may have been restarted.
const idleTime = time.Second

func (p *postgres) connect(ctx context.Context) error {
	if p.conn != nil && time.Since(p.used) > idleTime && p.conn.TxStatus() == 'I' && p.conn.Ping(ctx) != nil {
		p.close()
	}
	if p.conn != nil && !p.conn.IsClosed() {
		return nil
	}
	conn, err := pgconn.ConnectConfig(ctx, p.config)
	if err != nil {
		return &connectError{err}
	}
	p.conn = conn
	return nil
}

func (p *postgres) run(ctx context.Context, text string, params []any, rows bool) (Result, error) {
	values, formats, err := postgresParams(params)
	if err != nil {
		return Result{}, err
	}
	if err := p.connect(ctx); err != nil {
		return Result{}, err
	}
	defer func() { p.used = time.Now() }()
	return p.send(ctx, text, values, formats, rows)
}

func (p *postgres) send(ctx context.Context, text string, values [][]byte, formats []int16, rows bool) (Result, error) {
	if len(values) > 0 {
		reader := p.conn.ExecParams(ctx, text, values, nil, formats, nil)
		result := readRows(reader, rows)
		tag, err := reader.Close()
		result.RowCount = tag.RowsAffected()
		return result, err
	}
	// The simple protocol: any number of statements.
	reader := p.conn.Exec(ctx, text)
	var result Result
	for reader.NextResult() {
		one := readRows(reader.ResultReader(), rows)
		tag, err := reader.ResultReader().Close()
		if err != nil {
			break // reader.Close returns it too
		}
		one.RowCount = tag.RowsAffected()
		if one.Columns != nil || result.Columns == nil {
			result = one
		}
	}
	return result, reader.Close()
}

func readRows(reader *pgconn.ResultReader, wanted bool) Result {
	fields := reader.FieldDescriptions()
	if len(fields) == 0 {
		return Result{}
	}
	result := Result{Columns: make([]string, len(fields)), Rows: [][]any{}}
	types := make([]uint32, len(fields))
	for i, field := range fields {
		result.Columns[i], types[i] = field.Name, field.DataTypeOID
	}
	for reader.NextRow() {
		if !wanted {
			continue
		}
		row := make([]any, len(types))
		for i, text := range reader.Values() {
			if text != nil {
				row[i] = postgresValue(types[i], string(text))
			}
		}
		result.Rows = append(result.Rows, row)
	}
	return result
}

func (p *postgres) explain(err error) (*Error, bool) {
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		return nil, false
	}
	reason := said.Message
	if said.Detail != "" {
		reason += ": " + strings.TrimSuffix(said.Detail, ".")
	}
	if said.Hint != "" {
		reason += " (hint: " + strings.TrimSuffix(said.Hint, ".") + ")"
	}
	return &Error{Reason: reason, Code: said.Code}, true
}

func (p *postgres) invalid(err error) bool {
	const syntaxError = "42601"
	var said *pgconn.PgError
	return errors.As(err, &said) && said.Code == syntaxError
}

func (p *postgres) close() {
	if p.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = p.conn.Close(ctx)
	// A query that was given up leaves a goroutine, which tells the server.
	select {
	case <-p.conn.CleanupDone():
	case <-ctx.Done():
	}
}
