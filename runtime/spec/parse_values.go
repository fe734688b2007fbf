package spec

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/go-units"
	"github.com/kballard/go-shellquote"

	"github.com/miniboss/miniboss/internal/lazyregexp"
)

// text reads a non-empty string. valid may be nil.
func (p *parser) text(field string, valid *textRule) string {
	v, ok := p.value(field)
	if !ok {
		return ""
	}
	accepted := "a non-empty string"
	if valid != nil {
		accepted = valid.accepted
	}
	s, ok := v.(string)
	if !ok || s == "" || strings.Contains(s, "\x00") || valid != nil && !valid.pattern.MatchString(s) {
		p.problem(field, v, accepted)
		return ""
	}
	return s
}

// textRule says which strings a field accepts.
type textRule struct {
	pattern  *lazyregexp.Regexp
	accepted string
}

var (
	restartPolicy = &textRule{lazyregexp.New(`^(no|always|unless-stopped|on-failure(:[0-9]+)?)$`),
		`"no", "always", "unless-stopped" or "on-failure[:times]"`}
	platform = &textRule{lazyregexp.New(`^[a-z0-9_]+(/[a-z0-9_]+){1,2}$`), `an operating system and architecture, such as "linux/arm64"`}
)

// oneOf reads one of a few words.
func (p *parser) oneOf(field, otherwise string, words ...string) string {
	v, ok := p.value(field)
	if !ok {
		return otherwise
	}
	s, ok := v.(string)
	if !ok || !slices.Contains(words, s) {
		p.problem(field, v, strings.Join(words[:len(words)-1], ", ")+" or "+words[len(words)-1])
		return otherwise
	}
	return s
}

func (p *parser) flag(field string) bool {
	v, ok := p.value(field)
	if !ok {
		return false
	}
	b, ok := v.(bool)
	if !ok {
		p.problem(field, v, "true or false")
	}
	return b
}

// words reads a command: a list, or a string that is split as a shell does.
func (p *parser) words(field string) []string {
	const accepted = "a command as a string, or as an array of strings"
	v, ok := p.value(field)
	if !ok {
		return nil
	}
	s, isText := v.(string)
	if !isText {
		return p.list(field, accepted, nil)
	}
	words, err := shellquote.Split(s)
	if err != nil {
		p.problems = append(p.problems, Problem{Field: field, Found: describeIn(field, v), Accepted: accepted,
			Hint: "it cannot be split into words: " + strings.ToLower(err.Error())})
		return nil
	}
	if len(words) == 0 || strings.Contains(s, "\x00") {
		p.problem(field, v, accepted)
	}
	return words
}

// list reads an array of strings. Numbers are taken as strings: ["-p", 80].
func (p *parser) list(field, accepted string, valid func(string) bool) []string {
	v, ok := p.value(field)
	if !ok {
		return nil
	}
	values, ok := v.([]any)
	if !ok {
		p.problem(field, v, accepted)
		return nil
	}
	list := make([]string, 0, len(values))
	for i, v := range values {
		item := fmt.Sprintf("%s[%d]", field, i)
		if p.pending(item, v) {
			continue
		}
		s, ok := scalar(v)
		if _, isBool := v.(bool); !ok || isBool || strings.Contains(s, "\x00") || valid != nil && !valid(s) {
			p.problem(item, v, accepted)
			continue
		}
		list = append(list, s)
	}
	return list
}

// object reads an object.
func (p *parser) object(field, accepted string) (map[string]any, bool) {
	v, ok := p.value(field)
	if !ok {
		return nil, false
	}
	object, ok := v.(map[string]any)
	if !ok {
		p.problem(field, v, accepted)
	}
	return object, ok
}

// table reads an object of strings. With scalars, numbers and booleans are
// taken as strings, and null leaves a key out.
func (p *parser) table(field, accepted string, scalars bool) map[string]string {
	object, ok := p.object(field, accepted)
	if !ok {
		return nil
	}
	table := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		item, v := field+"."+key, object[key]
		if p.pending(item, v) || scalars && v == nil {
			continue
		}
		if p.stage == AtLoad && v == (Undefined{}) {
			continue
		}
		s, ok := scalar(v)
		if _, isText := v.(string); !ok || !scalars && !isText || strings.Contains(s, "\x00") {
			p.problem(item, v, accepted)
			continue
		}
		table[key] = s
	}
	return table
}

// size reads a number of bytes: 1048576, "512m", "1g".
func (p *parser) size(field string) int64 {
	const accepted = `a size, such as "512m" or "2g", or a number of bytes`
	v, ok := p.value(field)
	if !ok {
		return 0
	}
	switch v := v.(type) {
	case float64:
		if v > 0 && v < math.MaxInt64 && v == math.Trunc(v) {
			return int64(v)
		}
	case string:
		if n, err := units.RAMInBytes(v); err == nil && n > 0 {
			return n
		}
	}
	p.problem(field, v, accepted)
	return 0
}

func (p *parser) cpus() float64 {
	v, ok := p.value("cpus")
	if !ok {
		return 0
	}
	n, isNumber := v.(float64)
	if !isNumber || !(n > 0) || n > 1e6 {
		p.problem("cpus", v, "a number of processors, such as 1.5")
		return 0
	}
	return n
}

// scalar returns a string, number or boolean as JavaScript's String() does.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return FormatNumber(v), !math.IsNaN(v) && !math.IsInf(v, 0)
	}
	return "", false
}

// FormatNumber formats a number as JavaScript does.
func FormatNumber(n float64) string {
	switch {
	case n == 0:
		return "0" // also -0
	case math.IsInf(n, 0):
		return strings.TrimPrefix(strconv.FormatFloat(n, 'f', -1, 64), "+") + "inity"
	}
	if a := math.Abs(n); a < 1e-6 || a >= 1e21 {
		s := strconv.FormatFloat(n, 'e', -1, 64)
		return strings.Replace(strings.Replace(s, "e-0", "e-", 1), "e+0", "e+", 1)
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// describeIn is describe for the value of a field, without what looks secret.
func describeIn(field string, v any) string {
	if s, isText := v.(string); isText {
		return describe(mask(field, s))
	}
	return describe(v)
}

// describe names a value in a message.
func describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case Undefined:
		return "undefined"
	case Placeholder:
		return "a context value that is not set yet (" + v.Path + ")"
	case Opaque:
		return v.Kind
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return "the number " + FormatNumber(v)
	case string:
		if len(v) > 80 {
			return "a string of " + strconv.Itoa(len(v)) + " bytes"
		}
		return "the string " + strconv.Quote(v)
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("a %T", v)
}
