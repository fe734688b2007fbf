package network

import (
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	encode := "special characters in user name, password and names must be percent-encoded"
	for text, want := range map[string]string{
		"postgres://u:p%20w@h/db":    "",
		"postgresql://h":             "",
		"localhost:5432":             `invalid URL "localhost:5432": it must begin with postgres:// or postgresql://`,
		"u:p4ss@h/db":                `invalid URL "***@h/db": it must begin with postgres:// or postgresql://`,
		"postgress://u:p4ss@h/db":    `invalid URL "postgress://***@h/db": unknown scheme "postgress", use postgres:// or postgresql://`,
		"postgres:///db":             `invalid URL "postgres:///db": it has no host`,
		"postgres://u:p4ss#x@h/db":   `invalid URL "postgres://***@h/db": ` + encode,
		"postgres://u:12?p4ss@h/db":  `invalid URL "postgres://***@h/db": ` + encode,
		"postgres://u:@p4ss#@h/db":   `invalid URL "postgres://***@h/db": ` + encode,
		"postgres://u:12/p4ss@h/db":  `invalid URL "postgres://***@h/db": ` + encode,
		"postgres://u:p4%ss@h/db":    `invalid URL "postgres://***@h/db": ` + encode,
		"postgres://u:p4ss@h:port/x": `invalid URL "postgres://***@h:port/x": ` + encode,
	} {
		u, err := parseURL(text, "postgres", "postgresql")
		switch {
		case want == "" && (err != nil || u == nil):
			t.Errorf("%s: %v", text, err)
		case want != "" && (!isMistake(err) || err.Error() != want):
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"http://localhost:8080/x?y=1":              "http://localhost:8080/x?y=1",
		"http://u:p@h/x?password=p&PassWord=q&x=1": "http://***@h/x?password=***&PassWord=***&x=1",
		"http://h/?access_token=p&client_secret=p": "http://h/?access_token=***&client_secret=***",
		"http://h/?p%61ssword=p&%zz=p":             "http://h/?p%61ssword=***&%zz=***",
		"mysql://u:p@ss:w@rd@h/db":                 "mysql://***@h/db",
		"http://h/@scope/x":                        "http://h/@scope/x",
		"http://u:p@h/@scope/x":                    "http://***@h/@scope/x",
		"http://u:p%zz@h/@x":                       "http://***@x",
		"not a url":                                "not a url",
	} {
		if got := Redact(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// FuzzNoPassword feeds passwords of all kinds to whatever takes a URL.
func FuzzNoPassword(f *testing.F) {
	for _, password := range []string{"QQQQ", "QQ#QQ", "QQ/QQ", "QQ?QQ", "Q%QQQ", "QQ@QQ", "QQ:QQ", "QQ QQ", "QQ\x00Q"} {
		f.Add(password)
	}
	f.Fuzz(func(t *testing.T, password string) {
		if !strings.Contains(password, "QQ") || strings.Contains(password, "***") {
			return
		}
		for _, scheme := range []string{"postgres", "mysql", "redis", "http", "unknown"} {
			if scheme == "http" && strings.ContainsAny(password, "/?#") {
				continue // a path with an @ is well-formed there
			}
			url := scheme + "://user:" + password + "@localhost:1/db?timeout=1s"
			for _, open := range []func() error{
				func() error { _, err := OpenSQL(url); return err },
				func() error { _, err := OpenRedis(url); return err },
				func() error { _, err := NewHTTP().Do(t.Context(), Request{URL: url}); return err },
			} {
				if err := open(); err != nil && strings.Contains(err.Error(), "QQ") {
					t.Errorf("%q: %v", url, err)
				}
			}
		}
	})
}
