package spec

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// composeServiceAttributes are those of the Compose Specification.
func composeServiceAttributes(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/compose-service-attributes.txt")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			names = append(names, line)
		}
	}
	if len(names) < 90 {
		t.Fatalf("only %d attributes", len(names))
	}
	return names
}

// camelCase turns stdin_open into stdinOpen.
func camelCase(name string) string {
	return regexp.MustCompile(`_[a-z]`).ReplaceAllStringFunc(name, func(s string) string { return strings.ToUpper(s[1:]) })
}

// TestEveryComposeAttributeIsAFieldOrAnError: none is ignored, in either
// spelling, and every error says what to write.
func TestEveryComposeAttributeIsAFieldOrAnError(t *testing.T) {
	t.Parallel()
	instead := regexp.MustCompile(`did you mean "\w+"\?|write |configure\(request\) \{ request\.\w|mount |export |run |set it |volumes|ports|memory|name|` + "`miniboss [^`]+`")
	for _, attribute := range composeServiceAttributes(t) {
		camel := camelCase(attribute)
		for _, name := range []string{attribute, camel} {
			var value any = Undefined{} // what it holds does not matter
			if slices.Contains(hookNames(), camel) {
				value = Opaque{"a function"}
			}
			_, problems := ParseDefinition(with(object{name: value}), "/", AtLoad)
			if name == camel && (slices.Contains(fieldNames(), name) || slices.Contains(hookNames(), name)) {
				problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.Field == name && p.Message == "" })
				if len(problems) > 0 {
					t.Errorf("%s is a field: %v", name, problems)
				}
				continue
			}
			if len(problems) != 1 || problems[0].Field != name || !instead.MatchString(problems[0].Message+problems[0].Hint) {
				t.Errorf("%s: %v", name, problems)
			}
		}
	}
	for name := range composeAttributes() {
		if !slices.Contains(composeServiceAttributes(t), name) {
			t.Errorf("%s is no attribute of Compose", name)
		}
	}
}

func TestComposeNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"envFile":     `class : unknown field "envFile": write env = dotenv(".env") and import dotenv from "miniboss" | `,
		"env_file":    `class : unknown field "env_file": write env = dotenv(".env") and import dotenv from "miniboss" | `,
		"environment": `class : unknown field "environment": did you mean "env"? | `,
		"depends_on":  `class : unknown field "depends_on": did you mean "dependencies"? | `,
		"dependsOn":   `class : unknown field "dependsOn": did you mean "dependencies"? | `,
		"profiles":    "class : unknown field \"profiles\": use `miniboss start SERVICE` to start some services with their dependencies, or `--exclude SERVICE` to leave one out | use configure(request) { … } for container settings that have no field",
		"cpuShares":   `class : unknown field "cpuShares": set it in a configure hook | configure(request) { request.HostConfig.CpuShares = 512; }`,
		"mac_address": `class : unknown field "mac_address": set it in a configure hook | configure(request) { request.Config.MacAddress = "02:42:ac:11:00:02"; }`,
		"stdin_open":  `class : unknown field "stdin_open": did you mean "stdinOpen"? (if it is your own field, give it a more distinct name) | `,
		"mem_limit":   `class : unknown field "mem_limit": did you mean "memory"? | `,
		"healthcheck": `class : unknown field "healthcheck": write a hook: ping() { return probe.http(…) } | to change the image's healthcheck: configure(request) { request.Config.Healthcheck = { Test: ["CMD-SHELL", "…"], Interval: 1e9 }; }`,
		"restart":     "",
		"secret":      "", // these are the user's own
		"config":      "",
		"network":     "",
		"model":       "",
		"link":        "",
	} {
		_, problems := ParseDefinition(with(object{name: "always"}), "/", AtLoad)
		got := ""
		for _, p := range problems {
			got += p.String() + " | " + p.Hint
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, want)
		}
	}
	// A helper of such a name is the user's own.
	for _, name := range []string{"attach", "deploy", "expose", "scale"} {
		if _, problems := ParseDefinition(with(object{name: Opaque{"a function"}}), "/", AtLoad); len(problems) > 0 {
			t.Errorf("%s(): %v", name, problems)
		}
	}
}
