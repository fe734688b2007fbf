package spec

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Secrets are values that are not to be seen in messages, whoever writes them:
// those of variables and build arguments whose names say that they are secret.
// The zero value knows none. It is safe for several goroutines, and a nil one
// hides nothing.
type Secrets struct {
	mu       sync.RWMutex
	known    map[string]bool
	replacer *strings.Replacer // nil: there are none
}

// Learn adds the secrets of definitions.
func (s *Secrets) Learn(definitions ...Definition) {
	if s == nil {
		return
	}
	var found []string
	for _, d := range definitions {
		found = append(found, secretsIn(d.Env)...)
		if d.Build != nil {
			found = append(found, secretsIn(d.Build.Args)...)
		}
	}
	if len(found) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.known)
	if s.known == nil {
		s.known = map[string]bool{}
	}
	for _, value := range found {
		s.known[value] = true
	}
	if len(s.known) > before {
		s.replacer = hiding(slices.Collect(maps.Keys(s.known)))
	}
}

// hiding makes the replacer of values. The longest goes first: another may be
// its beginning.
func hiding(values []string) *strings.Replacer {
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, value := range values {
		pairs = append(pairs, value, masked)
	}
	return strings.NewReplacer(pairs...)
}

// Hide returns a text without the values.
func (s *Secrets) Hide(text string) string {
	if s == nil {
		return text
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.replacer == nil {
		return text
	}
	return s.replacer.Replace(text)
}

// secretsIn returns the values that are secret by their names. Of one that has
// several lines, such as a private key, each is a secret too: logs come in lines.
func secretsIn(values map[string]string) []string {
	var found []string
	for name, value := range values {
		if !looksSecret(value) || !secretName.MatchString(name) {
			continue
		}
		found = append(found, value)
		for line := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '\n' || r == '\r' }) {
			if looksSecret(line) {
				found = append(found, line)
			}
		}
	}
	return found
}

// looksSecret keeps ordinary words (postgres, todo) from being hidden wherever
// they stand: a secret has at least 8 characters, with letters and digits.
func looksSecret(value string) bool {
	return len(value) >= 8 && strings.ContainsFunc(value, unicode.IsLetter) && strings.ContainsFunc(value, unicode.IsDigit)
}
