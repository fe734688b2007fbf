package network

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"

	goredis "github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Redis is one connection to a Redis server. It is opened by the first command,
// and anew by the next one after it broke. Its methods may be called from
// several goroutines: the commands run one after the other.
type Redis struct {
	options *goredis.Options
	turn    chan struct{} // guards the three below
	client  *goredis.Client
	conn    *goredis.Conn // nil: not connected
	raw     net.Conn      // below conn

	mu     sync.Mutex // guards closed
	closed bool
}

// OpenRedis checks a URL, redis://user:password@host:6379/0 or rediss:// for
// TLS, and returns a client that is not connected yet. The error is a *Mistake.
func OpenRedis(text string) (*Redis, error) {
	u, err := parseURL(text, "redis", "rediss")
	if err != nil {
		return nil, err
	}
	// The user and password are left out here: the message may quote the rest.
	plain := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawQuery: u.RawQuery}
	options, err := goredis.ParseURL(plain.String())
	if err != nil {
		return nil, mistakef("invalid URL %q: %s", Redact(text), strings.TrimPrefix(err.Error(), "redis: "))
	}
	options.Username = u.User.Username()
	options.Password, _ = u.User.Password()
	options.Protocol = 2 // replies as they always were: HGETALL gives a list
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	// The hook's context ends a command; BLPOP may wait as long as that lasts.
	options.ContextTimeoutEnabled = true
	options.ReadTimeout, options.WriteTimeout = -1, -1
	options.MaxRetries = -1 // errors are told at once; a ping comes again by itself
	options.PoolSize, options.DialerRetries = 1, 1
	return &Redis{options: options, turn: make(chan struct{}, 1)}, nil
}

// connect dials itself and hands the connection over: go-redis writes each
// failed attempt to stderr, through a logger that a whole process shares.
func (r *Redis) connect(ctx context.Context) error {
	if r.conn != nil {
		return nil
	}
	var dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	} = &net.Dialer{}
	if r.options.TLSConfig != nil {
		dialer = &tls.Dialer{Config: r.options.TLSConfig}
	}
	conn, err := dialer.DialContext(ctx, "tcp", r.options.Addr)
	if err != nil {
		return wrap(ctx, "connect", r.options.Addr, err)
	}
	options := *r.options
	handed := make(chan net.Conn, 1)
	handed <- conn
	options.Dialer = func(context.Context, string, string) (net.Conn, error) {
		select {
		case conn := <-handed:
			return conn, nil
		default:
			return nil, net.ErrClosed
		}
	}
	r.client, r.raw = goredis.NewClient(&options), conn
	r.conn = r.client.Conn()
	// Logs in and selects the database.
	return r.try(ctx, "connect", r.options.Addr, func() error { return r.conn.Ping(ctx).Err() })
}

// try makes use of the connection, and gives it up where it is of no use any
// more: where the context ends first (go-redis does not look at that while it
// waits for a reply), and after an error that is not the server's.
func (r *Redis) try(ctx context.Context, op, target string, use func() error) error {
	raw := r.raw
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	err := use()
	var said goredis.Error
	isReply := err == nil || errors.As(err, &said) && op == "command"
	if !stop() || !isReply {
		r.disconnect()
	}
	switch {
	case err == nil, errors.Is(err, goredis.Nil):
		return err
	case said != nil:
		// The first word is a code: WRONGTYPE, NOAUTH.
		code, _, _ := strings.Cut(said.Error(), " ")
		return &Error{Op: op, Target: target, Reason: said.Error(), Code: code, Err: err}
	}
	return wrap(ctx, op, target, err)
}

func (r *Redis) disconnect() {
	if r.conn == nil {
		return
	}
	_ = r.conn.Close()
	_ = r.client.Close()
	_ = r.raw.Close() // go-redis owns it only after the login
	r.conn, r.client, r.raw = nil, nil, nil
}

// Command runs a command and returns its reply: nil, string, int64 or []any of
// these. Arguments are string, []byte, int64 or float64.
func (r *Redis) Command(ctx context.Context, args ...any) (any, error) {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, wrap(ctx, "command", "", ctx.Err())
	}
	defer func() { <-r.turn }()
	if r.isClosed() {
		return nil, mistakef("the connection to %s was closed", r.options.Addr)
	}
	if err := r.connect(ctx); err != nil {
		return nil, err
	}
	var reply any
	err := r.try(ctx, "command", "", func() (err error) {
		reply, err = r.conn.Do(ctx, args...).Result()
		return err
	})
	if errors.Is(err, goredis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return reply, nil
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
	return attempt(ctx, attemptTimeout, func(ctx context.Context) error {
		_, err := r.Command(ctx, "PING")
		return err
	})
}
