package js

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// moduleName is the name under which files import what miniboss offers.
const moduleName = "miniboss"

// nodeModules are the modules of Node that there are, without "node:", and
// their names.
func nodeModules() map[string][]string {
	all := map[string][]string{}
	for _, p := range preludes() {
		maps.Copy(all, p.modules)
	}
	return all
}

// alternatives says what to use in the place of what there is not.
func alternatives() map[string]string {
	return map[string]string{
		"http": "use fetch", "https": "use fetch", "http2": "use fetch",
		"net":           `use probe.tcp from "miniboss"`,
		"tls":           "use fetch",
		"dgram":         `use probe.tcp from "miniboss"`,
		"dns":           "use fetch or probe.tcp, which resolve names",
		"child_process": `use sh from "miniboss"`,
		"readline":      "there is no terminal to read from; use process.env",
		"sqlite":        `use sql from "miniboss" with PostgreSQL or MySQL`,
		"test":          `use Suite from "miniboss"`,
	}
}

// nodeBuiltins are the names of Node's modules that need no "node:".
const nodeBuiltins = `assert|assert/strict|async_hooks|buffer|child_process|cluster|console|constants|crypto|dgram|` +
	`diagnostics_channel|dns|dns/promises|domain|events|fs|fs/promises|http|http2|https|inspector|module|net|os|path|` +
	`path/posix|path/win32|perf_hooks|process|punycode|querystring|readline|readline/promises|repl|stream|` +
	`stream/consumers|stream/promises|stream/web|string_decoder|sys|timers|timers/promises|tls|trace_events|tty|url|` +
	`util|util/types|v8|vm|wasi|worker_threads|zlib`

// fromRequire marks a module of Node that is asked for with require, which gives
// it as it is: that of assert is a function.
const fromRequire = "?require"

// tried marks a resolution that the plugin itself asked for.
type tried struct{}

// resolveModules makes "miniboss" and Node's modules known to esbuild.
func (b *bundler) resolveModules(build api.PluginBuild) {
	build.OnResolve(api.OnResolveOptions{Filter: `^` + moduleName + `$`}, func(api.OnResolveArgs) (api.OnResolveResult, error) {
		return api.OnResolveResult{Path: moduleName, Namespace: namespace, SideEffects: api.SideEffectsFalse}, nil
	})
	resolveNetworkPackages(build)
	node := nodeModules()
	build.OnResolve(api.OnResolveOptions{Filter: `^(node:.*|(` + nodeBuiltins + `)/?)$`}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		if _, again := args.PluginData.(tried); again {
			return api.OnResolveResult{}, nil
		}
		name := strings.TrimSuffix(strings.TrimPrefix(args.Path, "node:"), "/")
		if _, ok := node[name]; ok {
			if args.Kind == api.ResolveJSRequireCall {
				name += fromRequire
			}
			return api.OnResolveResult{Path: name, Namespace: namespace, SideEffects: api.SideEffectsFalse}, nil
		}
		if !strings.HasPrefix(args.Path, "node:") {
			// Packages such as "events" stand in for what there is not.
			r := build.Resolve(args.Path, api.ResolveOptions{
				Importer: args.Importer, ResolveDir: args.ResolveDir, Kind: args.Kind, PluginData: tried{},
			})
			if len(r.Errors) == 0 && r.Path != "" && !r.External {
				return api.OnResolveResult{Path: r.Path, Namespace: r.Namespace}, nil
			}
		}
		if args.Kind == api.ResolveJSRequireCall || args.Kind == api.ResolveJSDynamicImport {
			// Packages try whether there is one: esbuild knows what is in a try,
			// and explain says the rest.
			return api.OnResolveResult{}, nil
		}
		return api.OnResolveResult{Errors: []api.Message{{Text: noNodeModule(name)}}}, nil
	})
	build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: namespace}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		code := ""
		name, isRequired := strings.CutSuffix(args.Path, fromRequire)
		switch {
		case name == moduleName:
			code = virtualModule(moduleName, moduleNames())
		case isRequired:
			code = fmt.Sprintf("module.exports = __miniboss.get(%s);\n", quote(name))
		default:
			code = virtualModule(name, node[name])
		}
		return api.OnLoadResult{Contents: &code, Loader: api.LoaderJS}, nil
	})
}

// virtualModule is the code of a module whose names are looked up at run time.
// esbuild leaves the names out that nobody uses.
func virtualModule(name string, exports []string) string {
	var code strings.Builder
	for _, e := range exports {
		fmt.Fprintf(&code, "export const %s = /* @__PURE__ */ __miniboss.get(%s, %s);\n", e, quote(name), quote(e))
	}
	fmt.Fprintf(&code, "export default /* @__PURE__ */ __miniboss.get(%s);\n", quote(name))
	return code.String()
}

func noNodeModule(name string) string {
	hint := alternatives()[strings.SplitN(name, "/", 2)[0]]
	if hint == "" {
		hint = "there are " + strings.Join(availableModules(), ", ")
	}
	return fmt.Sprintf("there is no module %q in miniboss: %s", "node:"+name, hint)
}

// isNodeModule reports whether Node has a module of that name.
func isNodeModule(name string) bool {
	return strings.HasPrefix(name, "node:") || slices.Contains(strings.Split(nodeBuiltins, "|"), name)
}

func availableModules() []string {
	var names []string
	for name := range nodeModules() {
		names = append(names, "node:"+name)
	}
	slices.Sort(names)
	return names
}
