package js

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

// bundle is the user's file and everything that it imports, as one script: an
// expression (async function (__miniboss) { ... }) that goja can parse.
type bundle struct {
	code    string
	sources *sources
	inputs  []input // the user's own files, without those of packages
	meta    string  // esbuild's metafile: who imports whom
}

// input is a file as esbuild read it.
type input struct {
	path string // absolute
	text string
}

// bundler makes a bundle. esbuild calls its plugin from several goroutines.
type bundler struct {
	file    string // absolute path of the user's file
	workDir string
	cache   *bundleCache // of earlier bundles; nil: none

	// Of what build has made, for the cache: seen is nil where it has not run.
	bundleDeps *bundleDeps
	rawMap     []byte

	mu     sync.Mutex // guards the fields below
	inputs map[string]input
	shifts map[string]shift // by path: what was put into the file
}

// namespace is where the plugin's modules live.
const namespace = "miniboss"

// language is what goja does not understand of ES2022, and import() of a name
// that is only known at run time.
func language() map[string]bool {
	return map[string]bool{"async-generator": false, "for-await": false, "dynamic-import": false}
}

// fileLocals are the names that a file has for its own place, and what fileLocalsPrefix
// declares for them.
func fileLocals() map[string]string {
	return map[string]string{
		"__dirname":            "__miniboss_dirname",
		"__filename":           "__miniboss_filename",
		"import.meta.dirname":  "__miniboss_dirname",
		"import.meta.filename": "__miniboss_filename",
		"import.meta.url":      "__miniboss_url",
		"import.meta.main":     "false",
	}
}

func (b *bundler) build() (*bundle, error) {
	b.inputs, b.shifts = map[string]input{}, map[string]shift{}
	if b.cache != nil {
		b.bundleDeps = &bundleDeps{sums: map[string][]byte{}}
	}
	dir, name := filepath.Split(b.file)
	entry := "import * as file from " + quote("./"+name) + ";\n__miniboss.exported(file);\n"
	result := api.Build(api.BuildOptions{
		Stdin:         &api.StdinOptions{Contents: entry, ResolveDir: dir, Sourcefile: entryName},
		AbsWorkingDir: dir,
		Bundle:        true,
		Write:         false,
		Metafile:      true,
		Format:        api.FormatESModule,
		Platform:      api.PlatformNeutral,
		MainFields:    []string{"module", "main"},
		Conditions:    []string{"import", "module"},
		Target:        api.ES2022,
		Supported:     language(),
		KeepNames:     true,
		Define:        fileLocals(),
		Loader: map[string]api.Loader{
			".txt": api.LoaderText, ".sql": api.LoaderText, ".node": api.LoaderNone,
		},
		Sourcemap:      api.SourceMapExternal,
		SourcesContent: api.SourcesContentInclude,
		Outfile:        filepath.Join(dir, "miniboss.out.js"),
		LegalComments:  api.LegalCommentsNone,
		LogLevel:       api.LogLevelSilent,
		LogLimit:       0,
		Banner:         map[string]string{"js": `(async function (__miniboss) { "use strict";`},
		Footer:         map[string]string{"js": "})"},
		Plugins:        []api.Plugin{{Name: "miniboss", Setup: b.plugin}},
	})
	if problems := append(result.Errors, b.missingMembers(result.Warnings)...); len(problems) > 0 {
		return nil, b.syntaxError(problems)
	}
	out := &bundle{meta: result.Metafile}
	for _, f := range result.OutputFiles {
		if strings.HasSuffix(f.Path, ".map") {
			b.rawMap = f.Contents
		} else {
			out.code = string(f.Contents)
		}
	}
	for _, in := range b.inputs {
		out.inputs = append(out.inputs, in)
	}
	var err error
	out.sources, err = newSources(b.rawMap, dir, b.workDir, b.shifts)
	return out, err
}

// entryName is the name of the made-up file that imports the user's.
const entryName = "miniboss-entry"

// mentionsHere is a quick look for the names of here.
func mentionsHere(text string) bool {
	return strings.Contains(text, "__dirname") || strings.Contains(text, "__filename") || strings.Contains(text, "import.meta")
}

func (b *bundler) plugin(build api.PluginBuild) {
	b.resolveModules(build)
	build.OnLoad(api.OnLoadOptions{Filter: `\.[cm]?[jt]sx?$`, Namespace: "file"}, b.load)
	b.bundleDeps.plugin(build)
}

// load reads the files of the user, and tells those that ask for it where they
// are.
func (b *bundler) load(args api.OnLoadArgs) (api.OnLoadResult, error) {
	data, err := os.ReadFile(args.Path)
	if err != nil {
		return api.OnLoadResult{}, nil // esbuild says it better
	}
	in := input{path: args.Path, text: string(data)}
	b.bundleDeps.reading(in.path, fileMark+in.text)
	text, moved := withFileLocals(in)
	b.mu.Lock()
	if !inPackage(in.path) {
		b.inputs[in.path] = in
	}
	b.shifts[in.path] = moved
	b.mu.Unlock()
	return api.OnLoadResult{Contents: &text, Loader: loader(args.Path), ResolveDir: filepath.Dir(args.Path)}, nil
}

// withFileLocals returns the text of a file with what it needs to know its place, and
// what that has moved.
func withFileLocals(in input) (string, shift) {
	if !mentionsHere(in.text) {
		return in.text, shift{}
	}
	at := 0
	line := 1
	if strings.HasPrefix(in.text, "#!") {
		at, line = strings.IndexByte(in.text, '\n')+1, 2
	}
	prefix := fileLocalsPrefix(in.path)
	return in.text[:at] + prefix + in.text[at:], shift{line: line, columns: len(prefix)}
}

// fileLocalsPrefix declares the names that a file has for its own place. It is ASCII,
// so that its length counts the same everywhere.
func fileLocalsPrefix(path string) string {
	return "var __miniboss_dirname=" + quote(filepath.Dir(path)) +
		",__miniboss_filename=" + quote(path) +
		",__miniboss_url=" + quote(fileURL(path)) + ";"
}

func loader(path string) api.Loader {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".ts", ".mts", ".cts":
		return api.LoaderTS
	case ".tsx":
		return api.LoaderTSX
	case ".jsx":
		return api.LoaderJSX
	default:
		return api.LoaderJS
	}
}

func inPackage(path string) bool {
	return strings.Contains(filepath.ToSlash(path), "/node_modules/")
}

// quote makes an ASCII string literal of JavaScript.
func quote(s string) string {
	text, _ := json.Marshal(s)
	return escapeNonASCII(string(text))
}
