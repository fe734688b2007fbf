package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestAddToList adds to lists as people have them, and changes nothing else.
func TestAddToList(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"empty", `{"include": []}`, `{"include": ["x", "y"]}`},
		{"on one line", `{"include": ["a"], "b": 1}`, `{"include": ["a", "x", "y"], "b": 1}`},
		{"on one line with a trailing comma", `{"include": ["a", ]}`, `{"include": ["a", "x", "y", ]}`},
		{"on lines", "{\n  \"include\": [\n    \"a\"\n  ]\n}\n", "{\n  \"include\": [\n    \"a\",\n    \"x\",\n    \"y\"\n  ]\n}\n"},
		{"with tabs and CRLF", "{\r\n\t\"include\": [\r\n\t\t\"a\"\r\n\t]\r\n}", "{\r\n\t\"include\": [\r\n\t\t\"a\",\r\n\t\t\"x\",\r\n\t\t\"y\"\r\n\t]\r\n}"},
		{"with a trailing comma", "{\"include\": [\n  \"a\",\n]}", "{\"include\": [\n  \"a\",\n  \"x\",\n  \"y\",\n]}"},
		{"with a comment behind", "{\"include\": [\n  \"a\" // one, two\n]}", "{\"include\": [\n  \"a\", // one, two\n  \"x\",\n  \"y\"\n]}"},
		{"with both", "{\"include\": [\n  \"a\", /* ], */ // \"b\"\n]}", "{\"include\": [\n  \"a\", /* ], */ // \"b\"\n  \"x\",\n  \"y\",\n]}"},
		{"in comments and strings", "\uFEFF{/* \"include\": [1] */ \"a\\\"//\": {\"include\": [1]}, \"include\": [\"//\"], }", "\uFEFF{/* \"include\": [1] */ \"a\\\"//\": {\"include\": [1]}, \"include\": [\"//\", \"x\", \"y\"], }"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := addToList([]byte(test.text), "include", `"x"`, `"y"`)
			if err != nil || string(got) != test.want {
				t.Errorf("%v\ngot  %q\nwant %q", err, got, test.want)
			}
			if !json.Valid(strictJSON(got)) {
				t.Errorf("it is no JSON any more: %s", strictJSON(got))
			}
		})
	}
	for _, text := range []string{"", "[]", "{", `{"include": "a"}`, `{"files": []}`, `{"include": ["a"`, `{"include": [1] /*`} {
		if got, err := addToList([]byte(text), "include", `"x"`); err == nil && !strings.Contains(text, "/*") {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// TestCovers asks for the files that the compiler would take, beside the
// configuration.
func TestCovers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, covers string }{
		{`{}`, "miniboss.ts"},
		{`{"compilerOptions": {"allowJs": true}}`, "miniboss.ts miniboss.js"},
		{`{"compilerOptions": {"checkJs": true}}`, "miniboss.ts miniboss.js"},
		{`{"files": []}`, ""},
		{`{"files": ["./miniboss.ts"]}`, "miniboss.ts"},
		{`{"include": ["src"]}`, ""},
		{`{"include": ["src/**/*.ts", "*.config.ts"]}`, ""},
		{`{"include": ["**/*.ts"]}`, "miniboss.ts"},
		{`{"include": ["./**/*"]}`, "miniboss.ts"},
		{`{"include": ["."]}`, "miniboss.ts"},
		{`{"include": ["*"], "exclude": ["miniboss.*"]}`, ""},
		{`{"include": ["mini????.ts"], "exclude": ["node_modules"]}`, "miniboss.ts"},
		{`{"include": ["[m]iniboss.ts"]}`, ""},
	} {
		c := &editorConfig{name: "tsconfig.json", text: []byte(test.text)}
		if err := json.Unmarshal(strictJSON(c.text), c); err != nil {
			t.Fatal(err)
		}
		var covered []string
		for _, name := range []string{"miniboss.ts", "miniboss.js"} {
			if c.covers(name) {
				covered = append(covered, name)
			}
		}
		if got := strings.Join(covered, " "); got != test.covers {
			t.Errorf("%s covers %q, want %q", test.text, got, test.covers)
		}
	}
}
