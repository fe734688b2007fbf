package js

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// networkPackages are packages that need Node's network, with what there is
// instead.
func networkPackages() map[string]string {
	const sql, redis, fetch = `use sql(url) from "miniboss"`, `use redis(url) from "miniboss"`, "use fetch"
	const run = `use this.exec in a hook to run the service's own client, or sh from "miniboss" to run one on your machine`
	return map[string]string{
		"pg": sql, "pg-promise": sql, "postgres": sql, "mysql": sql, "mysql2": sql, "mariadb": sql,
		"redis": redis, "ioredis": redis, "@redis/client": redis,
		"axios": fetch, "got": fetch, "undici": fetch, "node-fetch": fetch, "superagent": fetch, "ky": fetch, "needle": fetch, "request": fetch,
		"mongodb": run, "mongoose": run, "amqplib": run, "kafkajs": run, "nats": run, "memcached": run, "cassandra-driver": run,
		"knex": sql, "sequelize": sql, "typeorm": sql, "@prisma/client": run, "ws": "use fetch, or probe.tcp to wait for a port",
		"dockerode": run, "execa": `use sh from "miniboss"`, "nodemailer": fetch,
	}
}

// resolveNetworkPackages says of those packages, in one message in the place of
// one for each module of Node's that they want, that they do not work.
func resolveNetworkPackages(build api.PluginBuild) {
	instead := networkPackages()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(instead)) {
		names = append(names, regexp.QuoteMeta(name))
	}
	filter := `^(?:` + strings.Join(names, "|") + `)(?:/.*)?$`
	build.OnResolve(api.OnResolveOptions{Filter: filter}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		if inPackage(filepath.ToSlash(args.Importer)) {
			return api.OnResolveResult{}, nil // it may only try whether it is there
		}
		name := packageOf(args.Path)
		return api.OnResolveResult{Errors: []api.Message{{
			Text: fmt.Sprintf("the package %q needs Node's network or processes, which miniboss does not have: %s", name, instead[name]),
		}}}, nil
	})
}

// oncePerPackage keeps one of the messages that are about modules of Node's which
// the files of a package want: the first.
func oncePerPackage(messages []api.Message) []api.Message {
	wanted := map[string][]string{} // by package
	var kept []api.Message
	first := map[string]int{}
	for _, m := range messages {
		module := wantedModule(m.Text)
		name := ""
		if m.Location != nil {
			name = packageOfFile(m.Location.File)
		}
		if module == "" || name == "" {
			kept = append(kept, m)
			continue
		}
		if _, told := first[name]; !told {
			first[name] = len(kept)
			kept = append(kept, m)
		}
		if !slices.Contains(wanted[name], module) {
			wanted[name] = append(wanted[name], module)
		}
	}
	for name, at := range first {
		slices.Sort(wanted[name])
		kept[at].Text = fmt.Sprintf("the package %q needs %s, which miniboss does not have: packages that use Node's network or processes do not work",
			name, strings.Join(wanted[name], ", "))
		kept[at].Notes = nil
	}
	return kept
}

// wantedModule returns the module of Node's that a message says there is not, or
// "".
func wantedModule(text string) string {
	if rest, ok := strings.CutPrefix(text, `there is no module "`); ok {
		name, _, _ := strings.Cut(rest, `"`)
		return name
	}
	name := strings.TrimSuffix(strings.Trim(strings.TrimPrefix(text, "Could not resolve "), `"`), "/")
	if strings.HasPrefix(text, "Could not resolve ") && isNodeModule(name) {
		return "node:" + strings.TrimPrefix(name, "node:")
	}
	return ""
}

// packageOfFile returns the package that a file is of, or "".
func packageOfFile(file string) string {
	const dir = "node_modules/"
	file = filepath.ToSlash(file)
	at := strings.LastIndex(file, dir)
	if at < 0 {
		return ""
	}
	return packageOf(file[at+len(dir):])
}
