package js

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
)

// dotenvCase is a file of variables, and what the packages dotenv and
// dotenv-expand read of it. Where Expand is not set, nothing is expanded.
type dotenvCase struct {
	Text        string
	Expand      bool              `json:",omitempty"`
	Environment map[string]string `json:",omitempty"`
	Want        map[string]string
}

// byNode reads files with the real packages.
const byNode = `
const dotenv = require("dotenv"), expand = require("dotenv-expand");
const cases = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map(({ Text, Expand, Environment }) => {
  const parsed = dotenv.parse(Text);
  return Expand ? expand.expand({ parsed, processEnv: { ...Environment } }).parsed : parsed;
})));`

// TestDotenv compares with testdata/dotenv.json, whose right values are those of
// the packages from the npm registry; with -update they are asked again.
func TestDotenv(t *testing.T) {
	t.Parallel()
	const table = "testdata/dotenv.json"
	data, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	var cases []dotenvCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	want := dotenvByNode(t)
	if len(want) != len(cases) {
		t.Fatal("the packages have read", len(want), "of", len(cases))
	}
	for i, c := range cases {
		list := parseDotenv(c.Text)
		if c.Expand {
			list = expandDotenv(list, c.Environment, func(string) string { return "" })
		}
		got := map[string]string{}
		for _, v := range list {
			got[v.name] = v.value
		}
		if *update {
			cases[i].Want = want[i]
		} else if !reflect.DeepEqual(want[i], c.Want) {
			t.Errorf("%q: the packages read %q, the table has %q", c.Text, want[i], c.Want)
		}
		if !reflect.DeepEqual(got, want[i]) {
			t.Errorf("%q:\n got %q\nwant %q", c.Text, got, want[i])
		}
	}
	if *update {
		text, err := json.MarshalIndent(cases, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(table, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func dotenvByNode(t *testing.T) (found []map[string]string) {
	t.Helper()
	npm, err := filepath.Abs("testdata/npm")
	if err != nil {
		t.Fatal(err)
	}
	installPackages(t, npm)
	cmd := exec.Command("node", "-e", byNode)
	cmd.Dir = npm
	stdin, err := os.Open("testdata/dotenv.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stdin.Close() }()
	cmd.Stdin = stdin
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	if err := json.Unmarshal(output, &found); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return found
}

// FuzzDotenv looks for files that are read in another way than by the package.
func FuzzDotenv(f *testing.F) {
	f.Add("A='x\n'#y\nexport B : \"q\\n\" z\r\nC=`a` b\n")
	f.Fuzz(func(_ *testing.T, text string) {
		list := parseDotenv(text)
		expandDotenv(list, map[string]string{"A": "$A"}, func(string) string { return "${A}x" })
	})
}
