package js

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/miniboss/miniboss/internal/lazyregexp"
)

// variable is one of a file of variables, in the order of the file.
type variable struct{ name, value string }

// space is what JavaScript takes for white space in a regular expression, inside
// brackets.
const space = `\t\n\v\f\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`

// dotenvLine is the expression that the package dotenv reads files with. Go tries
// alternatives in the same order as JavaScript, so it matches the same.
var dotenvLine = lazyregexp.New(`(?m)^[` + space + `]*(?:export[` + space + `]+)?([\w.-]+)(?:[` + space + `]*=[` + space + `]*?|:[` + space + `]+?)` +
	`([` + space + `]*'(?:\\'|[^'])*'|[` + space + `]*"(?:\\"|[^"])*"|[` + space + "]*`(?:\\\\`|[^`])*`" + `|[^#\r\n]+)?[` + space + `]*(?:#[^\n\x{2028}\x{2029}]*)?$`)

// parseDotenv reads variables as the package dotenv does: what it does not
// understand is skipped, no $ is expanded, and the last value of a name wins.
func parseDotenv(text string) []variable {
	text = strings.ToValidUTF8(text, "\ufffd")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	var found []variable
	for _, m := range dotenvLine.FindAllStringSubmatch(text, -1) {
		found = setVariable(found, m[1], dotenvValue(m[2]))
	}
	return found
}

func dotenvValue(text string) string {
	value := strings.TrimFunc(text, isSpace)
	if value == "" {
		return ""
	}
	quote := value[0]
	if last := len(value) - 1; last > 0 && strings.IndexByte("'\"`", quote) >= 0 && value[last] == quote {
		value = value[1:last]
	}
	if quote == '"' {
		value = strings.ReplaceAll(value, `\n`, "\n")
		value = strings.ReplaceAll(value, `\r`, "\r")
	}
	return value
}

// isSpace reports whether String.prototype.trim takes a character away.
func isSpace(r rune) bool {
	switch {
	case r >= '\t' && r <= '\r', r == ' ', r == 0xa0, r == 0x1680, r >= 0x2000 && r <= 0x200a,
		r == 0x2028, r == 0x2029, r == 0x202f, r == 0x205f, r == 0x3000, r == 0xfeff:
		return true
	}
	return false
}

// setVariable sets a variable where it is already, or at the end.
func setVariable(list []variable, name, value string) []variable {
	for i := range list {
		if list[i].name == name {
			list[i].value = value
			return list
		}
	}
	return append(list, variable{name, value})
}

// A reference in a value, and the operator in it: ${NAME:-otherwise}.
var (
	dotenvReference = lazyregexp.New(`\$\{([^{}]+)\}|\$([A-Za-z_][A-Za-z0-9_]*)`)
	dotenvOperator  = lazyregexp.New(`:\+|\+|:-|-`)
)

// maxExpansions is how many references are replaced in one value, which may be
// in the values that they stand for.
const maxExpansions = 1000

// expandDotenv replaces $NAME and ${NAME:-otherwise} as the package
// dotenv-expand does: by what the environment has, else by what stands above.
// A variable that the environment has with another value keeps that. lookUp
// finds a variable that is neither there nor above.
func expandDotenv(list []variable, environment map[string]string, lookUp func(name string) string) []variable {
	above := map[string]string{}
	find := func(name string) string {
		if v, ok := environment[name]; ok {
			return v
		}
		if v, ok := above[name]; ok {
			return v
		}
		return lookUp(name)
	}
	out := make([]variable, 0, len(list))
	for _, v := range list {
		if set := environment[v.name]; set != "" && set != v.value {
			v.value = set
		} else {
			v.value = expandValue(v.value, find, above)
		}
		v.value = strings.ReplaceAll(v.value, `\$`, "$")
		above[v.name] = v.value
		out = append(out, v)
	}
	return out
}

// expandValue replaces as String.prototype.replace does, for which $$ and the like
// in what is put in have a meaning.
func expandValue(value string, find func(string) string, above map[string]string) string {
	seen := map[string]bool{}
	for range maxExpansions {
		reference, expression := nextReference(value)
		if reference == "" {
			break
		}
		seen[value] = true
		name, operator, otherwise := expression, "", ""
		if at := dotenvOperator.FindStringIndex(expression); at != nil {
			name, operator, otherwise = expression[:at[0]], expression[at[0]:at[1]], expression[at[1]:]
		}
		with := find(name)
		switch {
		case strings.HasSuffix(operator, "+") && with == "":
			with = ""
		case strings.HasSuffix(operator, "+"), with == "", seen[with]:
			with = otherwise
		}
		before, after, _ := strings.Cut(value, reference)
		value = before + strings.NewReplacer("$$", "$", "$&", reference, "$`", before, "$'", after).Replace(with) + after
		if done, ok := above[name]; ok && done == value {
			break
		}
	}
	return value
}

// nextReference finds the first reference that no backslash stands before.
func nextReference(value string) (reference, expression string) {
	for from := 0; from < len(value); {
		m := dotenvReference.FindStringSubmatchIndex(value[from:])
		if m == nil {
			return "", ""
		}
		start := from + m[0]
		if start > 0 && value[start-1] == '\\' {
			from = start + 1
			continue
		}
		group := m[2:4]
		if group[0] < 0 {
			group = m[4:6]
		}
		return value[start : from+m[1]], value[from+group[0] : from+group[1]]
	}
	return "", ""
}

// readDotenv reads a file of variables. found is false where there is none.
func readDotenv(path string) (list []variable, found bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		if p, ok := errors.AsType[*os.PathError](err); ok {
			err = p.Err
		}
		return nil, false, fmt.Errorf("%s: %w", path, err)
	}
	return parseDotenv(string(text)), true, nil
}
