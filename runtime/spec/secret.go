package spec

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"unicode"

	"github.com/miniboss/miniboss/internal/lazyregexp"
)

// masked stands for a value that is not shown.
const masked = "***"

// secretName is what the name of a field, variable or option looks like whose
// value is a secret.
var secretName = lazyregexp.New(`(?i)pass|pwd|secret|token|credential|cookie|salt|private|authorization|bearer|(api|access|account)[_-]?key|(^|[._-])(key|auth|pat|pin|otp|jwt)$`)

// Masked returns the change without what looks secret: the values of a field
// that is named as a secret, and the passwords in any other.
func (c Change) Masked() Change {
	c.Old, c.New = mask(c.Field, c.Old), mask(c.Field, c.New)
	return c
}

// mask hides what looks secret in the value of a field.
func mask(name, value string) string {
	switch {
	case value == "" || value == `""`:
		return value
	case secretName.MatchString(name):
		return masked
	case name == "image":
		return HidePasswords(value)
	}
	var tree any
	if strings.ContainsAny(value[:1], "[{") && json.Unmarshal([]byte(value), &tree) == nil {
		return maskJSON(value, tree)
	}
	return maskText(value)
}

// maskJSON hides what looks secret in JSON, which stays as it was written where
// there is nothing.
func maskJSON(text string, tree any) string {
	hidden := maskTree(tree)
	if reflect.DeepEqual(hidden, tree) {
		return text
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(hidden); err != nil {
		return masked // what was read can be written
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func maskTree(tree any) any {
	switch v := tree.(type) {
	case string:
		return maskText(v)
	case []any:
		list := make([]any, len(v))
		option := "" // that takes the next word as its value
		for i, item := range v {
			word, isText := item.(string)
			if list[i] = maskTree(item); isText && secretName.MatchString(option) {
				list[i] = masked
			}
			if option = ""; strings.HasPrefix(word, "-") && !strings.ContainsAny(word, "= ") {
				option = word
			}
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, item := range v {
			if object[key] = maskTree(item); secretName.MatchString(key) && item != nil && item != "" {
				object[key] = masked
			}
		}
		return object
	}
	return tree
}

var (
	// The whole text is NAME=value, as an option or a variable is written.
	wholeAssignment = lazyregexp.New(`(?s)^([\w.-]+)=(.+)$`)
	// A name and a value anywhere in a text; the value may be quoted.
	assignment = lazyregexp.New(`([\w.-]+)(["']?\s*[=:]\s*)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s"'&,;]+)`)
	// An option and its value.
	optionValue = lazyregexp.New(`(--?[\w-]+)(\s+)("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s"'-][^\s"']*)`)
	// The header Authorization.
	authorization = lazyregexp.New(`(?i)\b((?:bearer|basic)\s+)[\w.~+/=-]{6,}`)
	// user:password@ without a scheme, as some drivers want it.
	userInfo = lazyregexp.New(`^([^\s:@/"']+:)[^\s/"']+@`)
	// A name and a value in quotes, in JavaScript.
	literal = lazyregexp.New("([\\w$.-]+)([\"']?\\]?\\s*[=:]\\s*\\[?\\s*)(\"(?:[^\"\\\\]|\\\\.)*\"?|'(?:[^'\\\\]|\\\\.)*'?|`(?:[^`\\\\]|\\\\.)*`?)")
	// An option and its value in a literal, or in two.
	literalOption = lazyregexp.New("(--[\\w-]+)([\"'`]?\\s*[=,\\s]\\s*)(\"[^\"]*\"?|'[^']*'?|`[^`]*`?|[^\\s\"'`]+)")
)

// maskText hides what looks secret in a value that may be anything: a URL, a
// connection string, a command.
func maskText(text string) string {
	if whole := wholeAssignment.FindStringSubmatch(text); whole != nil && secretName.MatchString(whole[1]) {
		return whole[1] + "=" + masked
	}
	return userInfo.ReplaceAllString(HideInCommand(text), "${1}"+masked+"@")
}

// HideInCommand returns a command of a shell without what looks secret in it.
func HideInCommand(text string) string {
	text = authorization.ReplaceAllString(HidePasswords(text), "${1}"+masked)
	return hideNamed(optionValue, hideNamed(assignment, text))
}

// hideNamed replaces the values, which may be quoted, of the names that are
// those of secrets.
func hideNamed(pattern *lazyregexp.Regexp, text string) string {
	return pattern.ReplaceAllStringFunc(text, func(found string) string {
		parts := pattern.FindStringSubmatch(found)
		name, between, value := parts[1], parts[2], parts[3]
		if !secretName.MatchString(name) {
			return found
		}
		quote := ""
		if strings.ContainsAny(value[:1], "\"'`") {
			quote = value[:1]
		}
		return name + between + quote + masked + quote
	})
}

// HideInSource returns a line of JavaScript, or the beginning of one, without
// the literals that look like secrets.
func HideInSource(line string) string {
	return hideNamed(literalOption, hideNamed(literal, HidePasswords(line)))
}

// HidePasswords returns a text without the passwords in the URLs in it. It does
// not change anything else.
func HidePasswords(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	var out strings.Builder
	for {
		at := strings.Index(text, "://")
		if at < 0 {
			out.WriteString(text)
			return out.String()
		}
		at += len("://")
		end := at + urlEnd(text[at:])
		scheme := strings.TrimRightFunc(text[:at-len("://")], isSchemeRune)
		scheme = text[len(scheme) : at-len("://")]
		out.WriteString(text[:at])
		out.WriteString(hideInURL(strings.ToLower(scheme), text[at:end]))
		text = text[end:]
	}
}

func isSchemeRune(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("+.-", r))
}

// urlEnd returns where the rest of a URL ends, or another one begins in it.
func urlEnd(rest string) int {
	end := strings.IndexFunc(rest, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"'`<>", r)
	})
	if end < 0 {
		end = len(rest)
	}
	if next := strings.Index(rest[:end], "://"); next >= 0 {
		end = len(strings.TrimRightFunc(rest[:next], isSchemeRune))
	}
	return end
}

var (
	secretParameter = lazyregexp.New(`([?&;]([\w.-]+)=)([^&;#]+)`)
	hostAndPort     = lazyregexp.New(`^(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d*)?$`)
)

// hideInURL hides the password in what follows the :// of a URL. A password may
// hold what should have been percent-encoded; so where the host is none, all to
// the last @ is taken for it.
func hideInURL(scheme, rest string) string {
	web := scheme == "http" || scheme == "https"
	authority := len(rest)
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority = end
	}
	search := len(rest)
	if strings.Contains(rest[:authority], "@") && web || hostAndPort.MatchString(rest[:authority]) {
		search = authority
	}
	if at := strings.LastIndex(rest[:search], "@"); at >= 0 {
		user, _, hasPassword := strings.Cut(rest[:at], ":")
		switch {
		case hasPassword:
			rest = user + ":" + masked + rest[at:]
		case web: // a token stands for the user
			rest = masked + rest[at:]
		}
	}
	return secretParameter.ReplaceAllStringFunc(rest, func(found string) string {
		parts := secretParameter.FindStringSubmatch(found)
		if secretName.MatchString(parts[2]) {
			return parts[1] + masked
		}
		return found
	})
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
	if c.Old == c.New { // both are masked
		return c.Field + ": the hidden value changed"
	}
	return c.Field + ": " + show(c.Old) + " → " + show(c.New)
}
