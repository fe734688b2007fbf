package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// strictJSON returns JSON as it is in the configuration of editors, with comments
// and trailing commas, as strict JSON of the same length: spaces stand for what is
// left out, so that a position in one is the position in the other.
func strictJSON(text []byte) []byte {
	out := withoutComments(text)
	comma := -1 // with nothing but space behind it so far
	for i := 0; i < len(out); i++ {
		switch c := out[i]; {
		case c == '"':
			i = endOfString(out, i)
			comma = -1
		case c == ',':
			comma = i
		case c == ']' || c == '}':
			if comma >= 0 {
				out[comma] = ' '
			}
			comma = -1
		case !isSpace(c):
			comma = -1
		}
	}
	return out
}

// withoutComments puts spaces in the place of comments, and of a byte order mark.
func withoutComments(text []byte) []byte {
	out := bytes.Clone(text)
	if bytes.HasPrefix(out, []byte("\uFEFF")) {
		copy(out, "   ")
	}
	for i := 0; i < len(out); i++ {
		end := i
		switch rest := out[i:]; {
		case rest[0] == '"':
			i = endOfString(out, i)
		case bytes.HasPrefix(rest, []byte("//")):
			end = i + len(rest)
			if n := bytes.IndexByte(rest, '\n'); n >= 0 {
				end = i + n
			}
		case bytes.HasPrefix(rest, []byte("/*")):
			end = i + len(rest)
			if n := bytes.Index(rest[2:], []byte("*/")); n >= 0 {
				end = i + 2 + n + 2
			}
		}
		for ; i < end; i++ {
			if !isSpace(out[i]) {
				out[i] = ' '
			}
		}
	}
	return out
}

// endOfString returns where the closing quote of the string that begins at i is.
func endOfString(text []byte, i int) int {
	for i++; i < len(text) && text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i
}

func isSpace(c byte) bool { return strings.IndexByte(" \t\r\n", c) >= 0 }

// errNoList is what addToList fails with if the object has no such list.
var errNoList = errors.New("no such list")

// addToList adds elements, given as JSON, to the end of a list of the outermost
// object. Comments and layout stay as they are.
func addToList(text []byte, key string, elements ...string) ([]byte, error) {
	strict := strictJSON(text)
	start, last, end, err := findList(strict, key)
	if err != nil {
		return nil, err
	}
	if last < 0 {
		return splice(text, start, strings.Join(elements, ", ")), nil
	}
	lineEnd := bytes.IndexByte(strict[last:end], '\n')
	if lineEnd < 0 {
		return splice(text, last, ", "+strings.Join(elements, ", ")), nil
	}
	// New lines like that of the last element. A comment behind that stays there.
	newline, at := "\n", last+lineEnd
	if at > last && strict[at-1] == '\r' {
		newline, at = "\r\n", at-1
	}
	line := strict[bytes.LastIndexByte(strict[:last], '\n')+1 : last]
	indent := string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
	added := newline + indent + strings.Join(elements, ","+newline+indent)
	if bytes.IndexByte(withoutComments(text)[last:end], ',') >= 0 {
		return splice(text, at, added+","), nil
	}
	return splice(splice(text, at, added), last, ","), nil
}

func splice(text []byte, at int, added string) []byte {
	return bytes.Join([][]byte{text[:at], []byte(added), text[at:]}, nil)
}

// findList returns where a list of the outermost object begins, behind its
// bracket, where its last element ends (or -1), and where its closing bracket is.
func findList(strict []byte, key string) (start, last, end int, err error) {
	decoder := json.NewDecoder(bytes.NewReader(strict))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return 0, 0, 0, errors.Join(errNoList, err)
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return 0, 0, 0, err
		}
		var value json.RawMessage
		if name != key {
			if err := decoder.Decode(&value); err != nil {
				return 0, 0, 0, err
			}
			continue
		}
		if token, err := decoder.Token(); err != nil || token != json.Delim('[') {
			return 0, 0, 0, errors.Join(errNoList, err)
		}
		start, last = int(decoder.InputOffset()), -1
		for decoder.More() {
			if err := decoder.Decode(&value); err != nil {
				return 0, 0, 0, err
			}
			last = int(decoder.InputOffset())
		}
		_, err = decoder.Token()
		return start, last, int(decoder.InputOffset()) - 1, err
	}
	return 0, 0, 0, errNoList
}
