package network

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/gomodule/redigo/redis"
)

// Redis is one connection to a Redis server. It is opened by the first command,
// and anew by the next one after it broke. Its methods may be called from
// several goroutines: the commands run one after the other.
type Redis struct {
	address            string
	username, password string // "": none
	database           int
	tls                *tls.Config   // nil: a plain connection
	turn               chan struct{} // guards conn
	conn               *redisConn    // nil: not connected

	mu     sync.Mutex // guards closed
	closed bool
}

// redisConn is the client's view of a connection and the connection below,
// whose closing ends a command that waits for its reply.
type redisConn struct {
	redis.Conn
	raw net.Conn
}

type redisCommand struct {
	name string
	args []any
}

// OpenRedis checks a URL, redis://user:password@host:6379/0 or rediss:// for
// TLS, and returns a client that is not connected yet. The error is a *Mistake.
func OpenRedis(text string) (*Redis, error) {
	u, err := parseURL(text, "redis", "rediss")
	if err != nil {
		return nil, err
	}
	database, err := redisDatabase(u)
	if err != nil {
		return nil, mistakef("invalid URL %q: %v", Redact(text), err)
	}
	port := u.Port()
	if port == "" {
		port = "6379"
	}
	r := &Redis{address: net.JoinHostPort(u.Hostname(), port), username: u.User.Username(), database: database, turn: make(chan struct{}, 1)}
	r.password, _ = u.User.Password()
	if strings.EqualFold(u.Scheme, "rediss") {
		r.tls = &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}
	}
	return r, nil
}

// redisDatabase returns the number of the database, which is the URL's path or
// its parameter db.
func redisDatabase(u *url.URL) (int, error) {
	number := strings.Trim(u.Path, "/")
	for name, values := range u.Query() {
		if name != "db" {
			return 0, mistakef("unknown parameter %q, use db", name)
		}
		number = values[0]
	}
	if number == "" {
		return 0, nil
	}
	database, err := strconv.Atoi(number)
	if err != nil || database < 0 {
		return 0, mistakef("invalid database number: %q", number)
	}
	return database, nil
}

// connect opens the connection, logs in and selects the database.
func (r *Redis) connect(ctx context.Context) error {
	if r.conn != nil {
		return nil
	}
	var dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	} = &net.Dialer{}
	if r.tls != nil {
		dialer = &tls.Dialer{Config: r.tls}
	}
	raw, err := dialer.DialContext(ctx, "tcp", r.address)
	if err != nil {
		return wrap(ctx, "connect", r.address, err)
	}
	// The hook's context ends a command; BLPOP may wait as long as that lasts.
	r.conn = &redisConn{Conn: redis.NewConn(raw, 0, 0), raw: raw}
	return r.try(ctx, "connect", r.address, func() error {
		for _, command := range r.login() {
			if _, err := r.conn.Do(command.name, command.args...); err != nil {
				return err
			}
		}
		return nil
	})
}

// login returns the commands that begin a connection. The last one shows that
// the server wants no password where the URL has none.
func (r *Redis) login() []redisCommand {
	var commands []redisCommand
	switch {
	case r.username != "" && r.password != "":
		commands = append(commands, redisCommand{"AUTH", []any{r.username, r.password}})
	case r.password != "":
		commands = append(commands, redisCommand{"AUTH", []any{r.password}})
	}
	if r.database != 0 {
		commands = append(commands, redisCommand{"SELECT", []any{r.database}})
	}
	return append(commands, redisCommand{name: "PING"})
}

// try makes use of the connection, and gives it up where it is of no use any
// more: where the context ends first, which the client does not look at while
// it waits for a reply, and after an error that is not a command's reply.
func (r *Redis) try(ctx context.Context, op, target string, use func() error) error {
	raw := r.conn.raw
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	err := use()
	said, isReply := errors.AsType[redis.Error](err)
	if !stop() || err != nil && !(isReply && op == "command") {
		r.disconnect()
	}
	if isReply {
		// The first word is a code: WRONGTYPE, NOAUTH.
		code, _, _ := strings.Cut(said.Error(), " ")
		e := &Error{Op: op, Target: target, Reason: said.Error(), Code: code, Err: err, Waiting: waitingForRedis(code, said.Error(), op == "connect")}
		e.Waiting.Address = r.address
		return e
	}
	return wrap(ctx, op, target, err)
}

func (r *Redis) disconnect() {
	if r.conn == nil {
		return
	}
	_ = r.conn.Close()
	r.conn = nil
}

// Command runs a command and returns its reply: nil, string, int64 or []any of
// these. Arguments are string, []byte, int64 or float64.
func (r *Redis) Command(ctx context.Context, name string, args ...any) (any, error) {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, wrap(ctx, "command", "", ctx.Err())
	}
	defer func() { <-r.turn }()
	if r.isClosed() {
		return nil, mistakef("the connection to %s was closed", r.address)
	}
	if err := r.connect(ctx); err != nil {
		return nil, err
	}
	var reply any
	err := r.try(ctx, "command", "", func() (err error) {
		reply, err = r.conn.Do(name, args...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return redisReply(reply), nil
}

// redisReply gives the texts of a reply as strings. An error within a list,
// which EXEC may have, is the text of it.
func redisReply(reply any) any {
	switch reply := reply.(type) {
	case []byte:
		return string(reply)
	case redis.Error:
		return reply.Error()
	case []any:
		list := make([]any, len(reply))
		for i, element := range reply {
			list[i] = redisReply(element)
		}
		return list
	}
	return reply
}

func (r *Redis) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// Close waits for the command that is under way and closes the connection. More
// than one call is no error.
func (r *Redis) Close() {
	r.mu.Lock()
	was := r.closed
	r.closed = true
	r.mu.Unlock()
	if was {
		return
	}
	r.turn <- struct{}{}
	defer func() { <-r.turn }()
	r.disconnect()
}

// ProbeRedis connects anew and tells whether the server answers PING. A login
// that is refused, and a server that still loads its data, mean no. An attempt
// ends after 5 s. The error is a *Mistake for a malformed URL.
func ProbeRedis(ctx context.Context, url string) (Readiness, error) {
	r, err := OpenRedis(url)
	if err != nil {
		return Readiness{}, err
	}
	defer r.Close()
	return attempt(ctx, attemptTimeout, r.address, func(ctx context.Context) error {
		_, err := r.Command(ctx, "PING")
		return err
	})
}
