// Package typings holds the declarations that tell an editor what a service
// file can use, and the starter files that bring a new user there.
//
// miniboss.d.ts is written by hand. Tests compare it with what the runtime
// really offers, by name, and have the TypeScript compiler check it against
// files of correct uses and of deliberate mistakes.
package typings

import (
	_ "embed" // for the files below
	"strings"
)

// FileName is the name under which the declarations are written beside a
// service file. It is not miniboss.d.ts: beside a miniboss.ts or miniboss.js,
// TypeScript takes that for the declarations of this very file, and then does
// not read one of the two.
const FileName = "miniboss-env.d.ts"

// BesideNode is the content of the file for a project whose compiler reads the
// types of Node too.
//
//go:embed miniboss.d.ts
var BesideNode string

//go:embed short.d.ts
var short string

// Declarations is the content of the file for any other project.
var Declarations = BesideNode + short

// Starter is what a new user begins with: a service file and the configuration
// of the editor for it.
type Starter struct {
	ServiceFile, ServiceFileName string
	Config, ConfigName           string
}

var (
	//go:embed starter/miniboss.js
	javaScript string
	//go:embed starter/miniboss.ts
	typeScript string
	//go:embed starter/jsconfig.json
	jsConfig string
	//go:embed starter/tsconfig.json
	tsConfig string
)

// JavaScript is the starter for JavaScript.
func JavaScript() Starter {
	return Starter{javaScript, "miniboss.js", jsConfig, "jsconfig.json"}
}

// TypeScript is the starter for TypeScript.
func TypeScript() Starter {
	return Starter{typeScript, "miniboss.ts", tsConfig, "tsconfig.json"}
}

// Referenced is the configuration as one that another refers to, for tsc -b.
func (s Starter) Referenced() string {
	const last = `"noEmit": true`
	return strings.Replace(s.Config, last, last+`,
    "incremental": true,
    "tsBuildInfoFile": "./node_modules/.tmp/tsconfig.miniboss.tsbuildinfo"`, 1)
}

// Alone is the content of a service file that names its typings itself, because
// no configuration tells the editor of them.
func Alone(serviceFile string) string {
	return `// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./` + FileName + `" />
` + serviceFile
}

// Ours reports whether the content of a file is declarations that miniboss has
// written, of this version or another.
func Ours(content string) bool {
	first, _, _ := strings.Cut(Declarations, "\n")
	return strings.HasPrefix(content, first)
}
