package js

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/dop251/goja/file"

	"github.com/miniboss/miniboss/runtime/spec"
)

// bundleName is the name of the bundle in goja's frames, where no source is
// known.
const bundleName = "miniboss-bundle"

// sources knows the user's files behind the bundle.
type sources struct {
	adjusted []byte             // the source map as goja needs it
	byName   map[string]*source // by the name that goja's positions have
}

// source is one of the user's files.
type source struct {
	path  string // absolute
	shown string // relative to the working directory where that is shorter
	text  string
	inner bool // part of a package

	split sync.Once
	lines []string
}

// shift says that columns characters were put before a line of a source.
type shift struct{ line, columns int }

// newSources reads esbuild's source map. goja looks columns up one too high and
// returns them one too low, so both are moved by one in the map that it gets.
func newSources(rawMap []byte, dir, workDir string, shifts map[string]shift) (*sources, error) {
	var m struct {
		Version        int      `json:"version"`
		Sources        []string `json:"sources"`
		SourcesContent []string `json:"sourcesContent,omitempty"`
		Mappings       string   `json:"mappings"`
		Names          []string `json:"names"`
	}
	if err := json.Unmarshal(rawMap, &m); err != nil {
		return nil, fmt.Errorf("source map: %w", err)
	}
	s := &sources{byName: map[string]*source{}}
	moved := make([]shift, len(m.Sources))
	for i, name := range m.Sources {
		path := filepath.FromSlash(name)
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		moved[i] = shifts[path]
		src := &source{path: path, shown: shown(path, workDir), inner: inPackage(path)}
		if i < len(m.SourcesContent) {
			src.text = unshift(m.SourcesContent[i], moved[i])
		}
		key := filepath.ToSlash(src.shown)
		if filepath.IsAbs(src.shown) {
			key = fileURL(src.shown) // goja would make it relative
		}
		if name == entryName || strings.HasPrefix(name, namespace+":") {
			m.Sources[i] = "miniboss:" + name
			continue
		}
		m.Sources[i] = key
		if u := file.ResolveSourcemapURL(bundleName, key); u != nil {
			key = u.String()
		}
		s.byName[key] = src
	}
	mappings, err := adjustMappings(m.Mappings, moved)
	if err != nil {
		return nil, fmt.Errorf("source map: %w", err)
	}
	m.Mappings, m.SourcesContent, m.Names = mappings, nil, []string{}
	s.adjusted, err = json.Marshal(m)
	return s, err
}

func unshift(text string, s shift) string {
	if s.columns == 0 {
		return text
	}
	at := 0
	if s.line == 2 {
		at = strings.IndexByte(text, '\n') + 1
	}
	return text[:at] + text[at+s.columns:]
}

// adjustMappings moves the generated and the original columns of a source map
// by one, and original columns back where something was put into the source.
func adjustMappings(mappings string, moved []shift) (string, error) {
	var out strings.Builder
	out.Grow(len(mappings) + len(mappings)/8)
	var src, line, col, outSrc, outLine, outCol int
	for i, row := range strings.Split(mappings, ";") {
		if i > 0 {
			out.WriteByte(';')
		}
		gen, outGen := 0, 0
		first := true
		for row != "" {
			var segment string
			segment, row, _ = strings.Cut(row, ",")
			var field [5]int
			n := 0
			for segment != "" && n < len(field) {
				value, rest, ok := readVLQ(segment)
				if !ok {
					return "", fmt.Errorf("bad mapping %q", segment)
				}
				field[n], segment = value, rest
				n++
			}
			gen += field[0]
			if n < 4 {
				continue // generated code without a source: what comes before it is the best guess
			}
			src, line, col = src+field[1], line+field[2], col+field[3]
			column := col + 1
			if src < len(moved) && moved[src].columns > 0 && moved[src].line == line+1 {
				column = max(1, column-moved[src].columns)
			}
			if !first {
				out.WriteByte(',')
			}
			first = false
			writeVLQ(&out, gen+1-outGen)
			writeVLQ(&out, src-outSrc)
			writeVLQ(&out, line-outLine)
			writeVLQ(&out, column-outCol)
			outGen, outSrc, outLine, outCol = gen+1, src, line, column
		}
	}
	return out.String(), nil
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

func readVLQ(s string) (value int, rest string, ok bool) {
	shift := 0
	for i := 0; i < len(s) && shift < 60; i++ {
		digit := strings.IndexByte(base64Digits, s[i])
		if digit < 0 {
			return 0, "", false
		}
		value |= digit & 31 << shift
		shift += 5
		if digit&32 == 0 {
			if value&1 != 0 {
				return -(value >> 1), s[i+1:], true
			}
			return value >> 1, s[i+1:], true
		}
	}
	return 0, "", false
}

func writeVLQ(out *strings.Builder, value int) {
	v := value << 1
	if value < 0 {
		v = -value<<1 | 1
	}
	for {
		digit := v & 31
		v >>= 5
		if v > 0 {
			digit |= 32
		}
		out.WriteByte(base64Digits[digit])
		if v == 0 {
			return
		}
	}
}

// find returns the user's source and position behind one of goja's positions,
// or nil where that is not the user's code.
func (s *sources) find(p file.Position) (*source, spec.Position) {
	if s == nil {
		return nil, spec.Position{}
	}
	src := s.byName[p.Filename]
	if src == nil {
		return nil, spec.Position{}
	}
	return src, spec.Position{File: src.shown, Line: p.Line, Column: p.Column}
}

// line returns a line of a source, without its end.
func (s *source) line(n int) string {
	s.split.Do(func() { s.lines = strings.Split(s.text, "\n") })
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return strings.TrimRight(s.lines[n-1], "\r")
}

// shown is how a path is shown to the user.
func shown(path, workDir string) string {
	if workDir == "" {
		return path
	}
	if rel, err := filepath.Rel(workDir, path); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}

// fileURL is the file: URL of an absolute path.
func fileURL(path string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/x
	}
	return (&url.URL{Scheme: "file", Path: slashed}).String()
}

// escapeNonASCII writes what is not ASCII as \uXXXX.
func escapeNonASCII(s string) string {
	var out strings.Builder
	for _, r := range s {
		switch {
		case r < 0x80:
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}
