package docker

import (
	"maps"
	"slices"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

// proxies returns the proxy variables that the Docker CLI's configuration has for
// this engine, in both spellings (HTTP_PROXY, http_proxy), as the CLI gives them
// to builds and to new containers. A configuration that cannot be read has none.
func (e *Engine) proxies() map[string]*string {
	file, err := e.auth.load()
	if err != nil {
		return nil
	}
	return file.ParseProxyConfig(e.api.DaemonHost(), nil)
}

// addProxies adds the proxy variables to the arguments of a build. An argument
// stands for both spellings: of two, BuildKit takes either.
func (e *Engine) addProxies(args map[string]*string) map[string]*string {
	all := maps.Clone(args)
	for name, value := range e.proxies() {
		same := func(other string) bool { return strings.EqualFold(other, name) }
		if !slices.ContainsFunc(slices.Collect(maps.Keys(args)), same) {
			all[name] = value
		}
	}
	return all
}

// withProxies adds the proxy variables to the environment of a new container. A
// name alone, which the engine takes for one to leave out, stands for both
// spellings. They are no part of the definition: as with the Docker CLI and
// Compose, a proxy that changes replaces no container, and the next new one has it.
func (e *Engine) withProxies(env []string) []string {
	found := e.proxies()
	for _, name := range slices.Sorted(maps.Keys(found)) {
		settled := func(entry string) bool {
			key, _, hasValue := strings.Cut(entry, "=")
			return key == name || !hasValue && strings.EqualFold(key, name)
		}
		if !slices.ContainsFunc(env, settled) {
			env = append(env, name+"="+*found[name])
		}
	}
	return env
}

// isProxy tells the names of the variables that the CLI's configuration may set.
func isProxy(name string) bool {
	switch strings.ToUpper(name) {
	case "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY":
		return true
	}
	return false
}

// variables returns the environment of a definition, with the names of proxy variables that it leaves
// out alone: else the CLI's configuration would set them.
func variables(d spec.Definition) []string {
	env := pairs(d.Env, "=")
	for _, name := range d.Unset {
		if isProxy(name) {
			env = append(env, name)
		}
	}
	return env
}
