package spec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/miniboss/miniboss/internal/lazyregexp"
)

// A command that is a string is split into words as a shell splits them, but no
// shell runs it: what else a shell does with it (&&, $HOME, >) would be passed
// to the program as an argument.

// shellSyntax notes what only a shell would do with a command as it is written
// in the file. What can only be meant for a shell is a mistake.
func (p *parser) shellSyntax(fields map[string]any) {
	if p.stage != AtLoad {
		return
	}
	for _, field := range []string{"entrypoint", "cmd"} {
		text := asWritten(fields[field])
		if found := shellOperator(text); found != "" {
			p.problems = append(p.problems, Problem{Field: field,
				Message: field + " is not run by a shell: write " + inShell(field, text, fields),
				Hint:    fmt.Sprintf("the program would get a literal %s; if you want that, quote it: '%s'", found, found)})
		}
	}
}

// Warnings returns what is probably a mistake in the fields of a service, and
// keeps it from nothing. Class and Pos are left to the caller.
func Warnings(fields map[string]any) []Problem {
	var warnings []Problem
	for _, field := range []string{"entrypoint", "cmd"} {
		text := asWritten(fields[field])
		if found := shellWord(text); found != "" && shellOperator(text) == "" {
			warnings = append(warnings, Problem{Field: field, Message: fmt.Sprintf("%s is not run by a shell, so the program gets a literal %s: write %s, or quote it",
				field, found, inShell(field, text, fields))})
		}
	}
	if v, there := fields["sync"]; there && v != nil && v != any(Undefined{}) {
		warnings = append(warnings, Problem{Field: "sync",
			Message: "sync has no effect in this version; use `miniboss reload SERVICE` to rebuild after a change"})
	}
	return warnings
}

// asWritten is a command that is a string, as the file has it; else "".
func asWritten(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case Template:
		var text strings.Builder
		for _, part := range v {
			text.WriteString(part.Written)
		}
		return text.String()
	}
	return ""
}

// inShell is a field with the command for a shell.
func inShell(field, text string, fields map[string]any) string {
	command := strings.TrimSpace(text)
	if m := shellCommand.FindStringSubmatch(command); m != nil {
		command = command[len(m[0]):] // its argument is not quoted
	}
	words := []any{"sh", "-c", command}
	if entrypoint, ok := fields["entrypoint"].([]any); ok && field == "cmd" && len(entrypoint) > 0 && entrypoint[len(entrypoint)-1] == any("-c") {
		words = words[2:]
	}
	var list []string
	for _, word := range words {
		var quoted strings.Builder
		encoder := json.NewEncoder(&quoted)
		encoder.SetEscapeHTML(false)
		_ = encoder.Encode(word)
		list = append(list, strings.TrimSpace(quoted.String()))
	}
	return field + " = [" + strings.Join(list, ", ") + "]"
}

var (
	// shellCommand is a command that a shell runs.
	shellCommand = lazyregexp.New(`^(?:\S*/)?(?:sh|bash|ash|dash|zsh|ksh)\s+(?:-\w+\s+)*-\w*c\s+`)
	redirection  = lazyregexp.New(`^[0-9&]?(?:>>?|<<?)`)
	// shellVariable is a variable as people name those of an environment.
	shellVariable = lazyregexp.New(`(\$[A-Z_][A-Z0-9_]*)(?:[^A-Za-z0-9_]|$)|(\$\{+[A-Z_][A-Z0-9_]*[}:])|(\$\()`)
)

// variable returns the first variable or command that a shell would put in, or "".
func variable(text string) string {
	if m := shellVariable.FindStringSubmatch(text); m != nil {
		return m[1] + m[2] + m[3]
	}
	return ""
}

// shellOperator returns what in a command can only be meant for a shell, or "".
func shellOperator(text string) string {
	for _, word := range shellWords(text) {
		bare := word.bare
		switch {
		case slices.Contains([]string{"|", ";", "&", "&&", "||", "|&"}, bare):
			return bare
		case strings.Contains(bare, "&&"):
			return "&&"
		case strings.Contains(bare, "||"):
			return "||"
		case strings.HasSuffix(bare, ";"):
			return ";"
		case redirection.MatchString(bare):
			return bare
		case strings.Count(bare, "`") > 0:
			return "`"
		}
		if found := variable(bare); found != "" {
			return found
		}
	}
	return ""
}

// shellWord returns what in a command may be meant for a shell, or "": what also
// stands in addresses, patterns and programs of other languages.
func shellWord(text string) string {
	byShell := shellCommand.MatchString(strings.TrimSpace(text))
	before := ""
	for _, word := range shellWords(text) {
		bare, option := word.bare, strings.HasPrefix(before, "-")
		before = word.bare
		if strings.ContainsAny(bare, ";|<>") {
			return bare
		}
		isPath := !strings.HasPrefix(bare, "-") && !strings.ContainsAny(bare, "=:") && strings.ContainsAny(bare, "/.")
		if strings.Contains(bare, "*") && (isPath || bare == "*" && !option) {
			return bare
		}
		if found := variable(word.quoted); found != "" && !byShell {
			return found
		}
	}
	return ""
}

// shellToken is a word of a command: what of it stands without quotes, and what
// stands in double quotes. Each quoted part is a NUL in bare.
type shellToken struct{ bare, quoted string }

func shellWords(text string) []shellToken {
	var words []shellToken
	var bare, quoted strings.Builder
	inWord := false
	end := func() {
		if inWord {
			words = append(words, shellToken{bare.String(), quoted.String()})
		}
		bare.Reset()
		quoted.Reset()
		inWord = false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		if strings.IndexByte(" \t\r\n", c) >= 0 {
			end()
			continue
		}
		inWord = true
		switch c {
		case '\\':
			i++
			bare.WriteByte(0)
		case '\'':
			bare.WriteByte(0)
			length := strings.IndexByte(text[i+1:], '\'')
			if length < 0 {
				return nil // it cannot be split, which is said elsewhere
			}
			i += length + 1
		case '"':
			bare.WriteByte(0)
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
					continue
				}
				quoted.WriteByte(text[i])
			}
		default:
			bare.WriteByte(c)
		}
	}
	end()
	return words
}
