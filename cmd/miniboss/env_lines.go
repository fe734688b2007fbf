package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	shellName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	dotenvName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	plainValue = regexp.MustCompile(`^[A-Za-z0-9_./:@%+,=-]*$`)
)

// shellLine is a command of sh, bash and zsh that exports a variable. problem
// says why there is none.
func shellLine(name, value string) (line, problem string) {
	switch {
	case !shellName.MatchString(name):
		return "", "not a valid name for a shell variable, skipped"
	case strings.ContainsRune(value, 0):
		return "", "a shell variable cannot hold a NUL, skipped"
	}
	// Nothing has a meaning between single quotes but the single quote.
	return "export " + name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'\n", ""
}

// dotenvLine is a line, or several, of a .env file. Its readers have no common
// rules: dotenv for Node takes no escapes of quotes and backslashes, which
// others do, and some read $NAME. So each value gets the first form that all
// read the same. problem says what is wrong where there is none.
func dotenvLine(name, value string) (line, problem string) {
	if !dotenvName.MatchString(name) {
		return "", "not a valid name in a .env file, skipped"
	}
	if strings.ContainsRune(value, '$') {
		problem = "the value contains $; tools that expand variables, such as Vite, change it"
	}
	text := value
	switch {
	case plainValue.MatchString(value):
	case !strings.ContainsAny(value, "'\r\x00") && !strings.HasSuffix(value, `\`):
		text = "'" + value + "'"
	case !strings.ContainsAny(value, "\"\\$\x00"):
		text = `"` + strings.NewReplacer("\n", `\n`, "\r", `\r`).Replace(value) + `"`
	case unquoted(value):
	case !strings.ContainsAny(value, "`\r\x00"):
		text, problem = "`"+value+"`", notTheSame
	default:
		text = `"` + strings.NewReplacer("\n", `\n`, "\r", `\r`, `\`, `\\`, `"`, `\"`, "$", `\$`, "\x00", "").Replace(value) + `"`
		problem = notTheSame
	}
	return fmt.Sprintf("%s=%s\n", name, text), problem
}

const notTheSame = "tools that read .env files disagree on how to read this value; use --format json"

// unquoted reports whether a value can stand for itself to the end of its line.
func unquoted(value string) bool {
	return utf8.ValidString(value) && strings.TrimFunc(value, unicode.IsSpace) == value && !strings.ContainsAny(value[:1], "'\"`") &&
		!strings.ContainsAny(value, "#$") && !strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) })
}
