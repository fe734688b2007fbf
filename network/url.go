package network

import (
	"net/url"
	"strings"
)

// parseURL parses a URL that may hold a password. Its errors show the URL
// without user name and password, and never what net/url has to say: that
// quotes pieces of the text.
func parseURL(text string, schemes ...string) (*url.URL, error) {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return nil, mistakef("invalid URL %q: it must begin with %s", Redact(text), alternatives(schemes))
	}
	known := false
	for _, s := range schemes {
		known = known || strings.EqualFold(s, scheme)
	}
	if !known {
		return nil, mistakef("invalid URL %q: unknown scheme %q, use %s", Redact(text), scheme, alternatives(schemes))
	}
	u, err := url.Parse(text)
	if err != nil || strings.Contains(rest[authorityEnd(rest):], "@") {
		// A # / or ? in a password ends the host early, and what is before it
		// would be taken for the host and shown as such.
		return nil, mistakef("invalid URL %q: special characters in user name, password and names must be percent-encoded", Redact(text))
	}
	if u.Hostname() == "" {
		return nil, mistakef("invalid URL %q: it has no host", Redact(text))
	}
	return u, nil
}

// alternatives returns `a:// or b://`.
func alternatives(schemes []string) string {
	return strings.Join(schemes, ":// or ") + "://"
}

// authorityEnd returns where the user, host and port of a URL end, of which
// rest is what follows "://".
func authorityEnd(rest string) int {
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		return end
	}
	return len(rest)
}

// Redact returns a URL, well-formed or not, without what may be a password:
// everything before the last @, and the values of query parameters that are
// called like one. In a well-formed http URL an @ may be a part of the path.
func Redact(text string) string {
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		scheme, rest = "", text
	}
	search := len(rest)
	if lower := strings.ToLower(scheme); lower == "http" || lower == "https" {
		if _, err := url.Parse(text); err == nil {
			search = authorityEnd(rest)
		}
	}
	if found {
		scheme += "://"
	}
	if at := strings.LastIndex(rest[:search], "@"); at >= 0 {
		rest = "***" + rest[at:]
	}
	before, query, found := strings.Cut(rest, "?")
	if !found {
		return scheme + rest
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, _, _ := strings.Cut(pair, "=")
		plain, err := url.QueryUnescape(name)
		lower := strings.ToLower(plain)
		if err != nil || strings.Contains(lower, "pass") || strings.Contains(lower, "secret") || strings.Contains(lower, "token") {
			pairs[i] = name + "=***"
		}
	}
	return scheme + before + "?" + strings.Join(pairs, "&")
}
