package spec

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode"
)

func FuzzHidePasswords(f *testing.F) {
	for _, seed := range []string{"", "://", "a://b:c@d", "x a://b:c@d/e?f=g#h y", "http://a@b/c@d", "a://b:c@d,e://f:g@h", "\"a://b:c@d\"", "://:@", "a://[::1]:1/@", "http://h/?token=a&b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		hidden := HidePasswords(text)
		if again := HidePasswords(hidden); again != hidden {
			t.Fatalf("%q becomes %q, and that %q", text, hidden, again)
		}
		if !strings.Contains(text, "://") && hidden != text {
			t.Fatalf("%q has no URL and becomes %q", text, hidden)
		}
		if !strings.Contains(text, "@") && !strings.Contains(text, "=") && hidden != text {
			t.Fatalf("%q has nothing to hide and becomes %q", text, hidden)
		}
		HideInSource(text)
		HideInCommand(text)
	})
}

// A password in a well-formed URL is never seen, whatever it is and whatever
// stands around it.
func FuzzPasswordInURL(f *testing.F) {
	f.Add("see ", "postgres", "me", "tiger%20", "/db?x=y", " and so on")
	f.Add("(", "https", "", "a@b:c", "", ")")
	f.Add("env.A", "amqp", "u", ":", ",amqp://u:p@h", "")
	f.Fuzz(func(t *testing.T, before, scheme, user, password, after, end string) {
		const marker = "TiGeR"
		parsed, err := url.Parse(scheme + "://host")
		if err != nil || parsed.Scheme == "" || strings.ContainsAny(scheme+before, "@") {
			t.Skip("no scheme")
		}
		u := url.URL{Scheme: scheme, User: url.UserPassword(user, marker+password+marker), Host: "host:1", Path: "/x"}
		text := before + " " + u.String() + " " + after + end
		if strings.Contains(before+scheme+user+after+end, marker) {
			t.Skip("the marker is elsewhere")
		}
		if shown := HidePasswords(text); strings.Contains(shown, marker) {
			t.Fatalf("%q is shown as %q", text, shown)
		}
		if shown := (Change{Field: "env.URI", Old: u.String(), New: u.String() + " " + after}).Masked(); strings.Contains(shown.String(), marker) {
			t.Fatalf("%q is shown as %q", text, shown)
		}
	})
}

// A value is never seen under a name that says that it is a secret, alone, in
// JSON, as an option, or in a connection string.
func FuzzMaskedValue(f *testing.F) {
	f.Add("DB_PASSWORD", "swordfish", "a=b")
	f.Add("apiKey", "a b\"c'\\", "")
	f.Fuzz(func(t *testing.T, name, value, other string) {
		if !secretName.MatchString(name) || strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && r != '_' }) {
			t.Skip("not the name of a secret")
		}
		secret := "TiGeR" + value + "TiGeR"
		if strings.Contains(name+other, "TiGeR") || strings.Contains(value, "TiGeR") {
			t.Skip("the marker is elsewhere")
		}
		for field, text := range map[string]string{
			"env." + name: secret,
			"env.JSON":    canonicalJSON(map[string]any{"a": other, name: secret}),
			"env.DEEP":    canonicalJSON([]any{map[string]any{"x": map[string]any{name: secret}}}),
			"cmd":         canonicalJSON([]string{other, "--" + name + "=" + secret}),
			"entrypoint":  canonicalJSON([]string{"-e", name + "=" + secret, other}),
		} {
			shown := Change{Field: field, Old: text, New: "x"}.Masked()
			if strings.Contains(shown.String(), "TiGeR") {
				t.Fatalf("%s: %q is shown as %q", field, text, shown)
			}
		}
	})
}

func canonicalJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}
