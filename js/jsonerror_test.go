package js

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// TestJSONMistakes compares with what Node says.
func TestJSONMistakes(t *testing.T) {
	t.Parallel()
	texts := []string{
		"", " ", "<", "<!doctype html><html></html>", "{", "{oops", "{a:1}", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a" 1}`, "[", "[1", "[1,", "[1,]", "[1 2]",
		`"abc`, "\"a\nb\"", `"\x"`, `"\u12"`, "-", "-a", "1.", "1e", "01", "1 2", "tru", "nul", "falsy", "undefined", "NaN", "[object Object]", "oops",
		"this is a long text that is no JSON at all", `{"a": "some long text", "b": oops, "c": 1, "d": 2}`, `{"a": "some long text here", oops}`, `[1, 2, 3, 4, 5, 6, 7, 8, <]`,
		"not found", "é", "404 page not found\n", `{"a":1}}`, `'a'`, "[1,2,3]x", `{"a":[1,2}`, "[\"a\" \"b\"]", `{1:2}`, "😀😀",
	}
	code := `console.log(JSON.stringify(JSON.parse(require("node:fs").readFileSync(0, "utf8")).map((t) => { try { JSON.parse(t); return ""; } catch (e) { return e.message; } })))`
	data, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "-e", code)
	cmd.Stdin = strings.NewReader(string(data))
	output, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	if err := json.Unmarshal(output, &want); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		// Later versions of Node add the line and the column.
		wanted, _, _ := strings.Cut(want[i], " (line ")
		if got := jsonMistake(text); got != wanted {
			t.Errorf("%q:\n got %s\nwant %s", text, got, wanted)
		}
	}
}
