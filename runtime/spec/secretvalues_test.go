package spec

import (
	"strings"
	"testing"
)

func TestSecretValues(t *testing.T) {
	t.Parallel()
	var s Secrets
	const text = "sk_live_51Habc, sk_live_51Habc_2, postgres, password, hunter2, 12345678, {user.token1}, build-4rg-0123, of 1 line 2 here"
	if got := s.Hide(text); got != text {
		t.Error(got)
	}
	var none *Secrets
	none.Learn(Definition{Env: map[string]string{"TOKEN": "sk_live_51Habc"}})
	if got := none.Hide(text); got != text {
		t.Error(got)
	}
	s.Learn(
		Definition{Env: map[string]string{
			"STRIPE_KEY": "sk_live_51Habc", "DB_PASSWORD": "postgres", "PASSWORD": "password", "TOKEN": "hunter2", "PIN": "12345678",
			"USER_TOKEN": "{user.token1}", "GREETING": "of 1 line 2 here",
		}, Build: &Build{Args: map[string]string{"NPM_TOKEN": "build-4rg-0123"}}},
		Definition{Env: map[string]string{"STRIPE_KEY": "sk_live_51Habc_2"}},
	)
	if got, want := s.Hide(text), "***, ***, postgres, password, hunter2, 12345678, ***, ***, of 1 line 2 here"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// A log has the lines of a key one by one.
func TestSecretValueOfLines(t *testing.T) {
	t.Parallel()
	var s Secrets
	const key = "-----BEGIN KEY-----\r\nMIIEowIBAAKCAQEA7\nab1\n-----END KEY-----\n"
	s.Learn(Definition{Env: map[string]string{"PRIVATE_KEY": key}})
	for text, want := range map[string]string{
		"all: " + key + ".":            "all: ***.",
		"log | MIIEowIBAAKCAQEA7":      "log | ***",
		"-----BEGIN KEY-----":          "-----BEGIN KEY-----",
		strings.Repeat("ab1 line ", 2): "ab1 line ab1 line ",
	} {
		if got := s.Hide(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}
