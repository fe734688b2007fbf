package js

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/miniboss/miniboss/internal/lazyregexp"
	"github.com/miniboss/miniboss/runtime/spec"
)

// BuildError holds what keeps a file from being loaded at all: syntax errors
// and imports that are not found.
type BuildError struct{ Errors []*Error }

func (e *BuildError) Error() string {
	lines := make([]string, len(e.Errors))
	for i, one := range e.Errors {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the single errors.
func (e *BuildError) Unwrap() []error {
	errs := make([]error, len(e.Errors))
	for i, one := range e.Errors {
		errs[i] = one
	}
	return errs
}

// syntaxError turns esbuild's messages into ours.
func (b *bundler) syntaxError(messages []api.Message) error {
	out := &BuildError{}
	for _, m := range oncePerPackage(messages) {
		e := &Error{Message: b.plain(m.Text)}
		if isSyntax(m.Text) {
			e.Name = "SyntaxError"
		}
		b.locate(e, m.Location)
		var hints []string
		for _, n := range m.Notes {
			if n.Location == nil && n.Text != "" && !strings.Contains(n.Text, "esbuild") && !strings.Contains(n.Text, "external") {
				hints = append(hints, n.Text)
			}
		}
		if m.Location != nil && m.Location.Suggestion != "" {
			hints = append(hints, fmt.Sprintf("did you mean %s?", m.Location.Suggestion))
		}
		e.Hint = strings.Join(hints, " ")
		b.explain(e, m)
		out.Errors = append(out.Errors, e)
	}
	return out
}

func (b *bundler) locate(e *Error, at *api.Location) {
	if at == nil {
		return
	}
	if at.File == entryName {
		e.Pos = spec.Position{File: shown(b.file, b.workDir)}
		return
	}
	path := filepath.FromSlash(at.File)
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(b.file), path)
	}
	line, column := at.LineText, at.Column
	b.mu.Lock()
	moved := b.shifts[path]
	b.mu.Unlock()
	if moved.columns > 0 && moved.line == at.Line && len(line) >= moved.columns {
		line, column = line[moved.columns:], max(0, column-moved.columns)
	}
	column = min(column, len(line))
	e.Pos = spec.Position{
		File: shown(path, b.workDir), Line: at.Line,
		Column: len(utf16.Encode([]rune(line[:column]))) + 1,
	}
	e.Line = line
}

func isSyntax(text string) bool {
	for _, start := range []string{"Expected ", "Unexpected ", "Unterminated ", "Syntax error", "Invalid ", "The symbol "} {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	return false
}

// plain writes esbuild's text as ours: lower case, without its own names.
func (b *bundler) plain(text string) string {
	text = strings.ReplaceAll(text, `"`+namespace+":", `"`)
	if first, rest, _ := strings.Cut(text, " "); rest != "" && strings.ToUpper(first) != first {
		text = strings.ToLower(first[:1]) + text[1:]
	}
	return text
}

// explain says more of the errors that users meet most.
func (b *bundler) explain(e *Error, m api.Message) {
	switch {
	case strings.HasPrefix(m.Text, "Could not resolve "):
		name := strings.Trim(strings.TrimPrefix(m.Text, "Could not resolve "), `"`)
		switch {
		case m.Location != nil && m.Location.File == entryName:
			e.Message, e.Hint = fmt.Sprintf("%s: no such file", shown(b.file, b.workDir)), ""
		case strings.HasPrefix(name, ".") || filepath.IsAbs(name):
			e.Message = fmt.Sprintf("there is no file %q", name)
		case isNodeModule(strings.TrimSuffix(name, "/")):
			e.Message, e.Hint = noNodeModule(strings.TrimPrefix(strings.TrimSuffix(name, "/"), "node:")), ""
		default:
			e.Message = fmt.Sprintf("cannot find package %q in node_modules here or in a parent directory", name)
			if e.Hint == "" {
				e.Hint = fmt.Sprintf("run `npm install %s`", packageOf(name))
			}
		}
	case strings.HasPrefix(m.Text, "No matching export in "), m.ID == undefinedImport:
		b.noExport(e, m.Text)
	case strings.Contains(m.Text, "No loader is configured"):
		if strings.Contains(m.Text, ".node") {
			e.Message, e.Hint = "native addons cannot be loaded", "use a package in pure JavaScript"
		} else {
			e.Message, e.Hint = "this kind of file cannot be imported", "import a .js, .mjs, .cjs, .ts, .mts, .cts, .json or .txt file"
		}
	}
}

// undefinedImport is esbuild's name for the use of what a module does not have.
const undefinedImport = "import-is-undefined"

// missingMembers are those of esbuild's warnings that are mistakes: fs.watch,
// say, where the user's own file has imported all of fs. A package may look
// whether something is there.
func (b *bundler) missingMembers(warnings []api.Message) []api.Message {
	var out []api.Message
	for _, m := range warnings {
		if m.ID == undefinedImport && m.Location != nil && !inPackage("/"+m.Location.File) && missingMember.MatchString(m.Text) {
			out = append(out, m)
		}
	}
	return out
}

// noExport is for a name that a module of ours does not have.
func (b *bundler) noExport(e *Error, message string) {
	module, name := "", ""
	if found := missingName.FindStringSubmatch(message); found != nil {
		module, name = found[1], found[2]
	} else if found := missingMember.FindStringSubmatch(message); found != nil {
		module, name = found[2], found[1]
	} else {
		return
	}
	names, shown := nodeModules()[module], "node:"+module
	if module == moduleName {
		names, shown = moduleNames(), moduleName
	}
	e.Message = fmt.Sprintf("the module %q has no export %q", shown, name)
	e.Hint = "it exports " + strings.Join(names, ", ")
	if near := spec.Nearest(name, names); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	if strings.HasPrefix(module, "fs") {
		if hint := memberInstead()[name]; hint != "" && (module == "fs" || !slices.Contains(fsCallNames(), name)) {
			e.Message, e.Hint = fmt.Sprintf("miniboss has no %q in its module %q", name, shown), hint
		}
	}
}

// missingName and missingMember find the module of ours and the name in
// esbuild's messages.
var (
	missingName   = lazyregexp.New(`No matching export in "` + namespace + `:([^"]+)" for import "([^"]+)"`)
	missingMember = lazyregexp.New(`Import "([^"]+)" will always be undefined because there is no matching export in "` + namespace + `:([^"]+)"`)
)

func packageOf(name string) string {
	parts := strings.SplitN(name, "/", 3)
	if strings.HasPrefix(name, "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}
