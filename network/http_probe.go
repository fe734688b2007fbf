package network

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// HTTPProbe says what to ask and which answer means ready.
type HTTPProbe struct {
	URL    string // http or https
	Method string // "": GET
	Header http.Header
	Body   []byte
	// Status lists the answers that mean ready; none: 200 to 399. Redirects
	// are not followed, they are an answer.
	Status  []int
	Timeout time.Duration // of this attempt, up to the answer's header; 0: 5 s
}

// bodyTime is how long a probe waits for the body of an answer that says no. The
// body comes with its header but for a server that streams, or a machine so busy
// that the one who reads it has to wait: the reason is worth that wait.
const bodyTime = time.Second

// Probe makes one request and tells whether the answer is as wanted. The error
// is a *Mistake for a URL that is none.
func (c *HTTP) Probe(ctx context.Context, p HTTPProbe) (Readiness, error) {
	if p.Method == "" {
		p.Method = http.MethodGet
	}
	if p.Timeout <= 0 {
		p.Timeout = attemptTimeout
	}
	address := ""
	if u, err := url.Parse(p.URL); err == nil {
		address = hostPort(u)
	}
	return attempt(ctx, p.Timeout, address, func(ctx context.Context) error {
		response, err := c.Do(ctx, Request{
			Method: p.Method, URL: p.URL, Header: p.Header, Body: p.Body, Redirect: RedirectManual,
		})
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if accepts(p.Status, response.Status) {
			return nil
		}
		// Also keeps the connection for the next attempt.
		text := response.Body.arrive(bodyTime)
		return &Error{Op: p.Method, Target: Redact(p.URL), Reason: refusal(p.Status, response, text),
			Waiting: Waiting{NotYet: true, Lasting: LastingStatus(response.Status)}}
	})
}

func accepts(wanted []int, status int) bool {
	if len(wanted) == 0 {
		return status >= 200 && status <= 399
	}
	return slices.Contains(wanted, status)
}

// refusal says what came and what was wanted, with the beginning of the body:
// servers say there what they are still waiting for.
func refusal(wanted []int, response *Response, body []byte) string {
	reason := fmt.Sprintf("status %d", response.Status)
	if len(wanted) > 0 {
		names := make([]string, len(wanted))
		for i, status := range wanted {
			names[i] = strconv.Itoa(status)
		}
		reason += ", not " + strings.Join(names, " or ")
	}
	if to := response.Header.Get("Location"); to != "" && isRedirect(response.Status) {
		return reason + " (a redirect to " + Redact(to) + ", which a probe does not follow)"
	}
	if text := firstLine(body); text != "" {
		reason += ": " + text
	}
	return reason
}

// firstLine returns the first line of a text, up to 200 characters of it, or ""
// where it is HTML or no text.
func firstLine(text []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "<") || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == '�' }) {
		return ""
	}
	if runes := []rune(line); len(runes) > 200 {
		line = string(runes[:200]) + "…"
	}
	return line
}
