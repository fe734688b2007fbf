package js

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// jsonMistake says what is wrong with a text that is no JSON, as Node does.
func jsonMistake(text string) string {
	s := &jsonScanner{text: utf16.Encode([]rune(text))}
	if message, ok := s.scan(); !ok {
		return message
	}
	return fmt.Sprintf("%q is not valid JSON", text) // which Go's reader found
}

// jsonScanner looks for the first mistake in JSON.
type jsonScanner struct {
	text []uint16
	at   int
}

// badJSON is a mistake.
type badJSON struct{ message string }

func (s *jsonScanner) scan() (message string, ok bool) {
	defer func() {
		if x := recover(); x != nil {
			bad, mine := x.(badJSON)
			if !mine {
				panic(x)
			}
			message, ok = bad.message, false
		}
	}()
	s.value()
	s.space()
	if s.at < len(s.text) {
		panic(badJSON{fmt.Sprintf("Unexpected non-whitespace character after JSON at position %d", s.at)})
	}
	return "", true
}

// fail reports a mistake at the current position.
func (s *jsonScanner) fail(what string) {
	panic(badJSON{fmt.Sprintf("%s in JSON at position %d", what, s.at)})
}

func (s *jsonScanner) next() rune {
	if s.at >= len(s.text) {
		return -1
	}
	return rune(s.text[s.at])
}

func (s *jsonScanner) space() {
	for s.at < len(s.text) && strings.ContainsRune(" \t\r\n", s.next()) {
		s.at++
	}
}

// unexpected reports the character at the current position, with what is around.
func (s *jsonScanner) unexpected() {
	text := func(from, to int) string { return string(utf16.Decode(s.text[max(0, from):min(to, len(s.text))])) }
	whole := text(0, len(s.text))
	switch c := s.next(); {
	case c < 0:
		panic(badJSON{"Unexpected end of JSON input"})
	case whole == "undefined", whole == "NaN", whole == "Infinity", whole == "[object Object]":
		panic(badJSON{fmt.Sprintf(`"%s" is not valid JSON`, whole)})
	case c == '-' || c >= '0' && c <= '9':
		s.fail("Unexpected number")
	case c == '"':
		s.fail("Unexpected string")
	}
	const around = 10
	shown := fmt.Sprintf(`"%s"`, whole)
	if len(s.text) > 2*around {
		switch {
		case s.at < around:
			shown = fmt.Sprintf(`"%s"...`, text(0, s.at+around))
		case s.at < len(s.text)-around:
			shown = fmt.Sprintf(`..."%s"...`, text(s.at-around, s.at+around))
		default:
			shown = fmt.Sprintf(`..."%s"`, text(s.at-around, len(s.text)))
		}
	}
	panic(badJSON{fmt.Sprintf("Unexpected token '%s', %s is not valid JSON", text(s.at, s.at+1), shown)})
}

func (s *jsonScanner) value() {
	s.space()
	switch c := s.next(); {
	case c == '{':
		s.object()
	case c == '[':
		s.array()
	case c == '"':
		s.string()
	case c == '-' || c >= '0' && c <= '9':
		s.number()
	case c == 't':
		s.word("true")
	case c == 'f':
		s.word("false")
	case c == 'n':
		s.word("null")
	default:
		s.unexpected()
	}
}

func (s *jsonScanner) word(word string) {
	for _, c := range word {
		if s.next() != c {
			s.unexpected()
		}
		s.at++
	}
}

func (s *jsonScanner) object() {
	s.at++
	s.space()
	if s.next() == '}' {
		s.at++
		return
	}
	for first := true; ; first = false {
		s.space()
		switch {
		case s.next() == '"':
			s.string()
		case first:
			s.fail("Expected property name or '}'")
		default:
			s.fail("Expected double-quoted property name")
		}
		if s.space(); s.next() != ':' {
			s.fail("Expected ':' after property name")
		}
		s.at++
		s.value()
		s.space()
		switch s.next() {
		case ',':
			s.at++
		case '}':
			s.at++
			return
		default:
			s.fail("Expected ',' or '}' after property value")
		}
	}
}

func (s *jsonScanner) array() {
	s.at++
	s.space()
	if s.next() == ']' {
		s.at++
		return
	}
	for {
		s.value()
		s.space()
		switch s.next() {
		case ',':
			s.at++
		case ']':
			s.at++
			return
		default:
			s.fail("Expected ',' or ']' after array element")
		}
	}
}

func (s *jsonScanner) string() {
	for s.at++; ; s.at++ {
		switch c := s.next(); {
		case c < 0:
			s.fail("Unterminated string")
		case c == '"':
			s.at++
			return
		case c < ' ':
			s.fail("Bad control character in string literal")
		case c == '\\':
			s.at++
			s.escape()
		}
	}
}

func (s *jsonScanner) escape() {
	switch c := s.next(); {
	case c == 'u':
		for range 4 {
			s.at++
			if !strings.ContainsRune("0123456789abcdefABCDEF", s.next()) {
				s.fail("Bad Unicode escape")
			}
		}
	case c < 0:
		s.fail("Unterminated string")
	case !strings.ContainsRune(`"\/bfnrt`, c):
		s.fail("Bad escaped character")
	}
}

func (s *jsonScanner) digits() (found bool) {
	for ; s.next() >= '0' && s.next() <= '9'; s.at++ {
		found = true
	}
	return found
}

func (s *jsonScanner) number() {
	if s.next() == '-' {
		s.at++
		if c := s.next(); c < '0' || c > '9' {
			s.fail("No number after minus sign")
		}
	}
	if s.next() == '0' {
		s.at++
		if c := s.next(); c >= '0' && c <= '9' {
			s.unexpected()
		}
	} else {
		s.digits()
	}
	if s.next() == '.' {
		s.at++
		if !s.digits() {
			s.fail("Unterminated fractional number")
		}
	}
	if c := s.next(); c == 'e' || c == 'E' {
		s.at++
		if c := s.next(); c == '+' || c == '-' {
			s.at++
		}
		if !s.digits() {
			s.fail("Exponent part is missing a number")
		}
	}
}
