package network

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	chunkSize  = 32 << 10 // bytes read at a time
	chunkAhead = 4        // chunks read before somebody asks for them
)

// Body is the body of a response, decoded. It reads a little ahead (128 KB), so
// that a small body frees its connection although nobody reads it, and a large
// one never lies in memory as a whole.
type Body struct {
	ctx    context.Context // the request's
	url    string
	source io.ReadCloser
	chunks chan []byte // closed at the end
	quit   chan struct{}
	once   sync.Once
	err    error  // set before chunks is closed
	rest   []byte // of the chunk that Read is in
}

// newBody starts to read from source, which it closes. The goroutine ends with
// the body, with Close, or with ctx.
func newBody(ctx context.Context, source io.ReadCloser, url string) *Body {
	b := &Body{ctx: ctx, url: url, source: source, chunks: make(chan []byte, chunkAhead), quit: make(chan struct{})}
	go b.fill()
	return b
}

func (b *Body) fill() {
	defer close(b.chunks)
	defer b.source.Close()
	buffer := make([]byte, chunkSize)
	for {
		n, err := b.source.Read(buffer)
		if n > 0 {
			chunk := buffer[:n:n]
			if n < chunkSize/2 {
				chunk = bytes.Clone(chunk)
			} else {
				buffer = make([]byte, chunkSize)
			}
			select {
			case b.chunks <- chunk:
			case <-b.quit:
				return
			case <-b.ctx.Done():
				b.err = b.ctx.Err()
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				b.err = err
			}
			return
		}
	}
}

// Next returns the next piece, which belongs to the caller, and io.EOF after
// the last one. It is not to be called from two goroutines at once.
func (b *Body) Next() ([]byte, error) {
	select {
	case <-b.quit:
		return nil, io.EOF
	default:
	}
	if rest := b.rest; len(rest) > 0 {
		b.rest = nil
		return rest, nil
	}
	select {
	case chunk, ok := <-b.chunks:
		if ok {
			return chunk, nil
		}
		if b.err != nil {
			return nil, wrap(b.ctx, "read", b.url, b.err)
		}
		return nil, io.EOF
	case <-b.quit:
		return nil, io.EOF
	}
}

// Read is that of io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		chunk, err := b.Next()
		if err != nil {
			return 0, err
		}
		b.rest = chunk
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// All returns all that is left.
func (b *Body) All() ([]byte, error) {
	var all []byte
	for {
		chunk, err := b.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = chunk
		} else {
			all = append(all, chunk...)
		}
	}
}

// arrive waits until the end of a small body is there, but not longer than
// limit, and returns its first piece.
func (b *Body) arrive(limit time.Duration) (first []byte) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for read := 0; read < 64<<10; {
		select {
		case chunk, ok := <-b.chunks:
			if !ok {
				return first
			}
			if first == nil {
				first = chunk
			}
			read += len(chunk)
		case <-timer.C:
			return first
		}
	}
	return first
}

// Close gives up what is left, and the connection with it where the end has not
// been read yet. Any goroutine may call it, more than once.
func (b *Body) Close() error {
	b.once.Do(func() {
		close(b.quit)
		_ = b.source.Close()
	})
	return nil
}

// decode undoes the encodings of a response's body. Its header stays as it is,
// as in Node.
func decode(method string, response *http.Response) io.ReadCloser {
	if method == http.MethodHead || response.StatusCode == http.StatusNoContent || response.StatusCode == http.StatusNotModified {
		return response.Body
	}
	names := strings.Split(strings.Join(response.Header.Values("Content-Encoding"), ","), ",")
	body := response.Body
	for i := len(names) - 1; i >= 0; i-- {
		switch name := strings.ToLower(strings.TrimSpace(names[i])); name {
		case "gzip", "x-gzip", "deflate":
			body = &decoder{source: body, name: name}
		case "", "identity":
		default:
			// Not one that was asked for, unless by the user, who can use the
			// bytes as they are.
			return body
		}
	}
	return body
}

// decoder opens the decompressor at the first Read: that reads a header, and an
// empty body has none.
type decoder struct {
	source io.ReadCloser
	name   string
	plain  io.Reader
}

func (d *decoder) Read(p []byte) (int, error) {
	if d.plain == nil {
		buffered := bufio.NewReader(d.source)
		head, err := buffered.Peek(2)
		if len(head) == 0 && err != nil {
			return 0, err
		}
		if d.plain, err = decompressor(d.name, buffered, head); err != nil {
			return 0, err
		}
	}
	return d.plain.Read(p)
}

func decompressor(name string, r io.Reader, head []byte) (io.Reader, error) {
	if name != "deflate" {
		return gzip.NewReader(r)
	}
	// "deflate" means zlib, but some servers send it without zlib's header.
	if len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8+int(head[1]))%31 == 0 {
		return zlib.NewReader(r)
	}
	return flate.NewReader(r), nil
}

func (d *decoder) Close() error { return d.source.Close() }
