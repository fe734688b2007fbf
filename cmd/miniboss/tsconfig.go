package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// editorConfig is what a tsconfig.json or jsconfig.json says of the files that the
// editor and the TypeScript compiler look at.
type editorConfig struct {
	name string
	text []byte

	Extends         json.RawMessage
	Files           *[]string
	Include         *[]string
	Exclude         []string
	References      []struct{ Path string }
	CompilerOptions struct {
		AllowJS              *bool `json:"allowJs"`
		CheckJS              bool  `json:"checkJs"`
		NoEmit               bool
		Module               string
		VerbatimModuleSyntax bool
		Types                *[]string
	}
}

// readEditorConfig returns nil if the directory has no such file.
func readEditorConfig(dir, name string) (*editorConfig, error) {
	return readExtended(dir, name, 0)
}

// readExtended stops where files extend each other in a circle.
func readExtended(dir, name string, depth int) (*editorConfig, error) {
	if depth > 10 {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c := &editorConfig{name: name, text: text}
	if err := json.Unmarshal(strictJSON(text), c); err != nil {
		return nil, err
	}
	for _, base := range c.bases() {
		// What cannot be read, such as a package that is not installed, says nothing.
		if b, err := readExtended(filepath.Dir(filepath.Join(dir, base)), filepath.Base(base), depth+1); err == nil && b != nil {
			c.inherit(b, path.Dir(base) == ".")
		}
	}
	return c, nil
}

// bases are the paths of the files that this one extends, the one that counts
// most first.
func (c *editorConfig) bases() []string {
	var one string
	var list []string
	if json.Unmarshal(c.Extends, &one) == nil && one != "" {
		list = []string{one}
	} else {
		_ = json.Unmarshal(c.Extends, &list)
	}
	slices.Reverse(list)
	list = slices.DeleteFunc(list, func(p string) bool { return !strings.HasPrefix(p, "./") && !strings.HasPrefix(p, "../") })
	for i, p := range list {
		if path.Ext(p) != ".json" {
			list[i] = p + ".json"
		}
	}
	return list
}

// inherit takes over what this file does not say itself. Lists of files are
// relative to the base, and count only from the same directory.
func (c *editorConfig) inherit(base *editorConfig, sameDir bool) {
	o, b := &c.CompilerOptions, &base.CompilerOptions
	if o.AllowJS == nil {
		o.AllowJS = b.AllowJS
	}
	if o.Types == nil {
		o.Types = b.Types
	}
	if o.Module == "" {
		o.Module = b.Module
	}
	o.CheckJS = o.CheckJS || b.CheckJS
	o.NoEmit = o.NoEmit || b.NoEmit
	o.VerbatimModuleSyntax = o.VerbatimModuleSyntax || b.VerbatimModuleSyntax
	if c.Files == nil && c.Include == nil && (base.Files != nil || base.Include != nil) {
		c.Files, c.Include = base.Files, base.Include
		if !sameDir {
			c.Files, c.Include = nil, &[]string{}
		}
	}
}

// isSolution reports whether the file only refers to other ones, as in a new Vite
// project.
func (c *editorConfig) isSolution() bool {
	return c.Files != nil && len(*c.Files) == 0 && c.Include == nil
}

func (c *editorConfig) refersTo(file string) bool {
	return slices.ContainsFunc(c.References, func(r struct{ Path string }) bool { return path.Clean(r.Path) == file })
}

// allowsJavaScript reports whether files of JavaScript count.
func (c *editorConfig) allowsJavaScript() bool {
	if allow := c.CompilerOptions.AllowJS; allow != nil {
		return *allow
	}
	return c.CompilerOptions.CheckJS || c.name == "jsconfig.json"
}

// covers reports whether a file beside the configuration belongs to its program.
func (c *editorConfig) covers(name string) bool {
	if !strings.HasSuffix(name, "ts") && !c.allowsJavaScript() {
		return false
	}
	if c.Files != nil && slices.ContainsFunc(*c.Files, func(f string) bool { return path.Clean(f) == name }) {
		return true
	}
	matches := func(pattern string) bool { return matchesHere(pattern, name) }
	if slices.ContainsFunc(c.Exclude, matches) {
		return false
	}
	if c.Include == nil {
		return c.Files == nil
	}
	return slices.ContainsFunc(*c.Include, matches)
}

// matchesHere reports whether a pattern of "include" matches a file in the
// directory of the configuration itself.
func matchesHere(pattern, name string) bool {
	pattern = strings.TrimSuffix(strings.TrimPrefix(pattern, "./"), "/")
	for strings.HasPrefix(pattern, "**/") {
		pattern = strings.TrimPrefix(pattern, "**/")
	}
	switch pattern {
	case "", ".", "**":
		return true
	}
	ok, err := path.Match(strings.NewReplacer("[", `\[`, `\`, `\\`).Replace(pattern), name)
	return err == nil && ok
}

// canInclude reports whether files can be added to "include" and nothing else
// changes: the compiler writes no files, and the list is this file's own.
func (c *editorConfig) canInclude(name string) bool {
	_, _, _, err := findList(strictJSON(c.text), "include")
	noEmit := c.CompilerOptions.NoEmit || c.name == "jsconfig.json"
	return err == nil && noEmit && (strings.HasSuffix(name, "ts") || c.allowsJavaScript())
}

// refusesImport reports whether the compiler takes .ts files for CommonJS and
// then refuses "import" in them, as what "npm init" and "tsc --init" write
// together has it. A .mts file is never CommonJS.
func (c *editorConfig) refusesImport(dir string) bool {
	module := strings.ToLower(c.CompilerOptions.Module)
	isNode := strings.HasPrefix(module, "node") // node16, nodenext, …
	return isNode && c.CompilerOptions.VerbatimModuleSyntax && packageType(dir) != "module"
}

// packageType is "type" in the nearest package.json.
func packageType(dir string) string {
	var manifest struct{ Type string }
	if text, ok := nearest(dir, "package.json"); ok {
		_ = json.Unmarshal(bytes.TrimPrefix(text, []byte("\uFEFF")), &manifest)
	}
	return manifest.Type
}

// readsNodeTypes reports whether the compiler reads Node's types beside the
// service file.
func (c *editorConfig) readsNodeTypes(dir string) bool {
	if types := c.CompilerOptions.Types; types != nil {
		return slices.Contains(*types, "node")
	}
	_, installed := nearest(dir, filepath.Join("node_modules", "@types", "node", "package.json"))
	return installed
}

// nearest returns the content of the file of a name in a directory or above it.
func nearest(dir, name string) ([]byte, bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, false
	}
	for ; ; dir = filepath.Dir(dir) {
		if text, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
			return text, true
		}
		if filepath.Dir(dir) == dir {
			return nil, false
		}
	}
}
