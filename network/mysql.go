package network

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
)

// mysql talks to MySQL and MariaDB.
type mysql struct {
	connector sqldriver.Connector
	pool      *sql.DB   // of one connection; nil: never connected
	conn      *sql.Conn // nil: not connected
}

func openMySQL(u *url.URL) (driver, string, error) {
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	target := net.JoinHostPort(u.Hostname(), port)
	config, err := mysqldriver.ParseDSN("tcp(" + target + ")/?" + u.RawQuery)
	if err != nil {
		return nil, "", mistakef("invalid URL %q: invalid parameters: %v", Redact(u.String()), err)
	}
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	config.ParseTime, config.Loc = true, time.Local
	// A schema in one file is what hooks load; the text is the user's own.
	config.MultiStatements = true
	config.Logger = silent{} // it would write to stderr what is returned as an error too
	if config.TLSConfig == "" && !isThisMachine(u.Hostname()) {
		config.TLSConfig = "preferred"
	}
	connector, err := mysqldriver.NewConnector(config)
	if err != nil {
		return nil, "", mistakef("invalid URL %q: invalid parameters: %v", Redact(u.String()), err)
	}
	return &mysql{connector: connector}, target, nil
}

type silent struct{}

func (silent) Print(...any) {}

// connect pins the connection: database/sql would put another one in its place
// in the middle of a transaction.
func (m *mysql) connect(ctx context.Context) error {
	if m.conn != nil {
		return nil
	}
	if m.pool == nil {
		m.pool = sql.OpenDB(m.connector)
		m.pool.SetMaxOpenConns(1)
	}
	conn, err := m.pool.Conn(ctx)
	if err != nil {
		return &connectError{err}
	}
	m.conn = conn
	return nil
}

func (m *mysql) run(ctx context.Context, text string, params []any, rows bool) (Result, error) {
	for i, param := range params {
		switch param := param.(type) {
		case []any:
			return Result{}, mistakef("parameter %d: MySQL does not support arrays", i+1)
		case JSON:
			params[i] = string(param)
		}
	}
	had := m.conn != nil
	if err := m.connect(ctx); err != nil {
		return Result{}, err
	}
	result, err := m.send(ctx, text, params, rows)
	if m.broken(err) {
		_ = m.conn.Close()
		m.conn = nil
		// ErrBadConn says that nothing was sent: the connection broke while
		// it lay idle.
		if had && errors.Is(err, sqldriver.ErrBadConn) && ctx.Err() == nil {
			if err := m.connect(ctx); err != nil {
				return Result{}, err
			}
			result, err = m.send(ctx, text, params, rows)
		}
	}
	return result, err
}

// broken reports whether the connection is of no use any more.
func (m *mysql) broken(err error) bool {
	return errors.Is(err, sqldriver.ErrBadConn) || errors.Is(err, mysqldriver.ErrInvalidConn) ||
		errors.Is(err, sql.ErrConnDone) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (m *mysql) send(ctx context.Context, text string, params []any, wanted bool) (Result, error) {
	if !wanted {
		done, err := m.conn.ExecContext(ctx, text, params...)
		if err != nil {
			return Result{}, err
		}
		count, err := done.RowsAffected()
		return Result{RowCount: count}, err
	}
	rows, err := m.conn.QueryContext(ctx, text, params...)
	if err != nil {
		return Result{}, err
	}
	defer rows.Close()
	var result Result
	for more := true; more; more = rows.NextResultSet() {
		one, err := readMySQL(rows)
		if err != nil {
			return Result{}, err
		}
		if one.Columns != nil || result.Columns == nil {
			result = one
		}
	}
	return result, rows.Err()
}

func readMySQL(rows *sql.Rows) (Result, error) {
	types, err := rows.ColumnTypes()
	if err != nil || len(types) == 0 {
		return Result{}, err
	}
	result := Result{Rows: [][]any{}}
	for _, t := range types {
		result.Columns = append(result.Columns, t.Name())
	}
	for rows.Next() {
		row := make([]any, len(types))
		into := make([]any, len(types))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return Result{}, err
		}
		for i, t := range types {
			row[i] = mysqlValue(t.DatabaseTypeName(), row[i])
		}
		result.Rows = append(result.Rows, row)
	}
	result.RowCount = int64(len(result.Rows))
	return result, rows.Err()
}

// mysqlValue turns what the driver gives into what a Result holds. The driver
// gives bytes for most types, and other Go types for a statement with
// parameters than for one without.
func mysqlValue(kind string, value any) any {
	switch value := value.(type) {
	case int64:
		if value > maxSafe || value < -maxSafe {
			return strconv.FormatInt(value, 10)
		}
		return value
	case uint64:
		if value > maxSafe {
			return strconv.FormatUint(value, 10)
		}
		return int64(value)
	case float32:
		// Via its text: 1.1 is to stay 1.1.
		f, _ := strconv.ParseFloat(strconv.FormatFloat(float64(value), 'g', -1, 32), 64)
		return f
	case time.Time:
		if kind == "DATE" {
			return value.Format(time.DateOnly)
		}
		return value
	case []byte:
		return mysqlText(kind, value)
	}
	return value
}

func mysqlText(kind string, value []byte) any {
	kind = strings.TrimPrefix(kind, "UNSIGNED ")
	switch kind {
	case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "YEAR":
		if n, err := strconv.ParseInt(string(value), 10, 64); err == nil && n <= maxSafe && n >= -maxSafe {
			return n
		}
	case "FLOAT", "DOUBLE":
		if f, err := strconv.ParseFloat(string(value), 64); err == nil {
			return f
		}
	case "JSON":
		return JSON(value)
	case "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB", "BIT", "GEOMETRY":
		return value
	}
	return string(value)
}

func (m *mysql) explain(err error) (*Error, bool) {
	var said *mysqldriver.MySQLError
	if !errors.As(err, &said) {
		return nil, false
	}
	return &Error{Reason: fmt.Sprintf("%s (%d)", said.Message, said.Number), Code: strings.TrimRight(string(said.SQLState[:]), "\x00")}, true
}

func (m *mysql) invalid(err error) bool {
	const parseError = 1064 // its SQLSTATE is that of an unknown database too
	var said *mysqldriver.MySQLError
	return errors.As(err, &said) && said.Number == parseError
}

func (m *mysql) close() {
	if m.conn != nil {
		_ = m.conn.Close()
	}
	if m.pool != nil {
		_ = m.pool.Close()
	}
}
