package js

import (
	"embed"
	"fmt"
	"slices"

	"github.com/dop251/goja"
)

//go:embed prelude/*.js
var preludeFiles embed.FS

// bindings are the functions that put what Go offers on the object native, for
// the prelude to build on: one a file, bind_*.go.
func bindings() []func(h *host, native *goja.Object) {
	return []func(h *host, native *goja.Object){
		bindTimers,
		bindGlobals,
		bindNode,
		bindContext,
		bindService,
		bindMissing,
		bindContainers,
		bindNetwork,
		bindFS,
		bindOS,
		bindShell,
	}
}

// prelude is a part of the world written in JavaScript: an expression
// (function (native, exports, global) { ... }) in prelude/, where exports is
// the module "miniboss" and global is globalThis.
type prelude struct {
	file string
	// now says that it runs at the start. Any other runs when one of its names
	// is first used: most files use few.
	now bool
	// exports are the names that it puts on exports.
	exports []string
	// globals and natives are the names that it puts on global and native,
	// where it does not run at the start.
	globals, natives []string
	// modules are the modules of Node, without "node:", that it puts on
	// native.modules, with the names that they export.
	modules map[string][]string
}

func preludes() []prelude {
	return []prelude{
		{file: "values.js", now: true},
		{file: "symbols.js", now: true},
		{file: "context.js", exports: []string{"context"}},
		{file: "service.js", now: true, exports: []string{"Service", "Suite", "groupName", "onReloadService", "onStartServices", "onStopServices"}},
		{file: "timers.js", exports: []string{"sleep"}, globals: []string{"setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval", "clearImmediate"}},
		{file: "console.js", exports: []string{"log"}, globals: []string{"console"}},
		{file: "process.js", globals: []string{"process"}},
		{file: "globals.js", globals: []string{"queueMicrotask", "performance", "crypto"}},
		{file: "inspect.js", natives: []string{"inspect", "format", "isDeepEqual", "isDeepStrictEqual"}},
		{file: "node.js", natives: []string{"completeURL", "completeURLSearchParams", "completeBuffer"}},
		{file: "invalid.js", natives: []string{"invalidType", "invalidValue", "received", "coded"}},
		{file: "path.js", natives: []string{"path"}},
		{file: "os.js", natives: []string{"nodeOS"}},
		{file: "assert.js", natives: []string{"assert"}},
		{file: "fs.js", natives: []string{"nodeFS"}},
		{file: "modules.js", natives: []string{"modules"}, modules: map[string][]string{
			"assert":        assertNames(),
			"assert/strict": assertNames(),
			"fs":            fsNames(),
			"fs/promises":   fsPromiseNames(),
			"os": {
				"EOL", "arch", "availableParallelism", "cpus", "devNull", "endianness", "homedir", "hostname",
				"networkInterfaces", "platform", "tmpdir", "type", "userInfo",
			},
			"path":            pathNames(),
			"path/posix":      pathNames(),
			"path/win32":      pathNames(),
			"buffer":          {"Buffer", "atob", "btoa"},
			"crypto":          {"getRandomValues", "randomBytes", "randomFillSync", "randomInt", "randomUUID", "webcrypto"},
			"perf_hooks":      {"performance"},
			"process":         {"arch", "argv", "cwd", "env", "hrtime", "nextTick", "pid", "platform", "uptime", "version", "versions"},
			"timers":          {"clearImmediate", "clearInterval", "clearTimeout", "setImmediate", "setInterval", "setTimeout"},
			"timers/promises": {"setImmediate", "setTimeout"},
			"url":             {"URL", "URLSearchParams", "fileURLToPath", "pathToFileURL"},
			"util":            {"TextDecoder", "TextEncoder", "format", "inspect", "isDeepStrictEqual", "promisify"},
		}},
		{file: "encoding.js", globals: []string{"TextEncoder", "TextDecoder", "DOMException", "btoa", "atob", "structuredClone"}},
		{file: "abort.js", globals: []string{"AbortController", "AbortSignal"}},
		{file: "body.js", globals: []string{"Blob", "File", "FormData"}, natives: []string{"body"}},
		{file: "headers.js", globals: []string{"Headers"}, natives: []string{"freezeHeaders"}},
		{file: "fetch.js", globals: []string{"fetch", "Request", "Response"}},
		{file: "shell.js", exports: []string{"sh", "dotenv"}},
		{file: "sql.js", exports: []string{"sql", "redis"}},
		{file: "probe.js", exports: []string{"probe"}},
	}
}

// start runs the bindings and the prelude.
func (h *host) start() error {
	for _, bind := range bindings() {
		bind(h, h.native)
	}
	for _, p := range preludes() {
		if p.now {
			if err := h.runPrelude(p); err != nil {
				return err
			}
			continue
		}
		h.runLater(p)
	}
	return nil
}

// moduleNames are what the module "miniboss" exports, in order.
func moduleNames() (names []string) {
	for _, p := range preludes() {
		names = append(names, p.exports...)
	}
	slices.Sort(names)
	return names
}

func (h *host) runPrelude(p prelude) error {
	source, err := preludeFiles.ReadFile("prelude/" + p.file)
	if err != nil {
		return err
	}
	v, err := h.rt.RunScript("miniboss:"+p.file, string(source))
	if err != nil {
		return fmt.Errorf("prelude %s: %w", p.file, err)
	}
	f, ok := goja.AssertFunction(v)
	if !ok {
		return fmt.Errorf("prelude %s is not a function", p.file)
	}
	if _, err = f(goja.Undefined(), h.native, h.exports, h.global); err != nil {
		return fmt.Errorf("prelude %s: %w", p.file, err)
	}
	return nil
}

// runLater defines the names of p as accessors that run it and are replaced by
// what it defines, or by what the user assigns.
func (h *host) runLater(p prelude) {
	ran := false
	lazy := func(on *goja.Object, name string) {
		replace := func(v goja.Value) {
			_ = on.DefineDataProperty(name, v, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
		}
		get := func(goja.FunctionCall) goja.Value {
			if !ran {
				ran = true
				for _, n := range p.globals {
					_ = h.global.Delete(n)
				}
				for _, n := range p.exports {
					_ = h.exports.Delete(n)
				}
				for _, n := range p.natives {
					_ = h.native.Delete(n)
				}
				if err := h.runPrelude(p); err != nil {
					panic(err)
				}
			}
			return on.Get(name)
		}
		set := func(call goja.FunctionCall) goja.Value {
			replace(call.Argument(0))
			return goja.Undefined()
		}
		_ = on.DefineAccessorProperty(name, h.rt.ToValue(get), h.rt.ToValue(set), goja.FLAG_TRUE, goja.FLAG_TRUE)
	}
	for _, name := range p.globals {
		lazy(h.global, name)
	}
	for _, name := range p.exports {
		lazy(h.exports, name)
	}
	for _, name := range p.natives {
		lazy(h.native, name)
	}
}
