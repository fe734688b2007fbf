package runtime

import (
	"github.com/miniboss/miniboss/internal/lazyregexp"
	"strconv"
	"strings"
	"unicode"
)

// masked stands for a value that is not shown.
const masked = "***"

var (
	secretName = lazyregexp.New(`(?i)pass|pwd|secret|token|credential|cookie|salt|private|api[_-]?key|(^|[._-])(key|auth|pat)$`)
	// What a value may hold in spite of an innocent name: a URL with a
	// password, an option, a key of JSON.
	secretInURL   = lazyregexp.New(`(://[^/@:\s"']*:)[^@\s"']+@`)
	secretInValue = lazyregexp.New(`(?i)((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key)["']?(?:\s*[=:]\s*|","|\s+)["']?)[^\s"'&,;]+`)
)

// Masked returns the change without what looks secret: the values of a field
// that is named as a secret, and the passwords in any other.
func (c Change) Masked() Change {
	c.Old, c.New = mask(c.Field, c.Old), mask(c.Field, c.New)
	return c
}

func mask(name, value string) string {
	if value == "" || value == `""` {
		return value
	}
	if secretName.MatchString(name) {
		return masked
	}
	value = secretInURL.ReplaceAllString(value, "${1}"+masked+"@")
	return secretInValue.ReplaceAllString(value, "${1}"+masked)
}

// String prints the change in one line, as it is.
func (c Change) String() string {
	show := func(value string) string {
		switch {
		case value == "":
			return "(not set)"
		case strings.ContainsFunc(value, unicode.IsControl):
			return strconv.Quote(value)
		}
		return value
	}
	return c.Field + ": " + show(c.Old) + " → " + show(c.New)
}
