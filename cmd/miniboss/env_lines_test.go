package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/joho/godotenv"
)

// nasty returns values that quoting goes wrong with, and random ones of the
// same stuff.
func nasty() []string {
	list := []string{
		"", " ", "'", "''", "'''", `"`, `""`, "`", "\\", `\\`, `\'`, `'\''`, "$", "$HOME", "${HOME}", "$(touch /tmp/no)", "`id`",
		"\n", "\n\n", "a\n", "\na\n'\n", "a\r\nb", "\r", "\t", "!", "!!", "#", "a #b", "a#b", "~", "*", "a b", "-n", "--", "=", "=a", "a=b",
		`C:\new\table`, `ends in \`, `it's`, `say "hi"`, `{"a":"it's","b":[1,"x"]}`, `it's "both" and ` + "`ticks`", "ünï ☃ 🎉", "\x01\x1b[0m",
		"\u0085", "\u00a0x\u00a0", "\u2028", "%s%d", "a;b|c&d<e>(f)", "'$x'", `"$x"`, `\$x`, `\n`, `\\n`, "export A=1", "-----BEGIN KEY-----\nabc/+=\n-----END KEY-----\n",
	}
	pieces := []string{"'", `"`, "`", "\\", "$", "\n", "\r", " ", "#", "a", "n", "!", "=", "{", "}", "ü", "\t", "$A", `\n`}
	random := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		var b strings.Builder
		for range random.IntN(9) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		list = append(list, b.String())
	}
	return list
}

// shells are those that the output is meant for, each with a wrong setting or
// two that a user may have.
func shells() map[string][]string {
	return map[string][]string{
		"sh":        {"sh", "-c"},
		"dash":      {"dash", "-c"},
		"bash":      {"bash", "-c"},
		"posixbash": {"bash", "--posix", "-c"},
		"histbash":  {"bash", "-H", "-c"},
		"zsh":       {"zsh", "-f", "-c"},
		"rczsh":     {"zsh", "-f", "-o", "rcquotes", "-o", "banghist", "-o", "extendedglob", "-c"},
	}
}

// evaluated lets a shell evaluate what shellLine wrote, and returns the
// values that the variables then have for its programs.
func evaluated(t *testing.T, shell []string, values []string) []string {
	t.Helper()
	var lines strings.Builder
	for i, value := range values {
		line, problem := shellLine(fmt.Sprintf("V%d", i), value)
		if problem != "" {
			t.Fatalf("%q: %s", value, problem)
		}
		lines.WriteString(line)
	}
	command := exec.CommandContext(t.Context(), shell[0], append(shell[1:], `eval "$(cat)"; env -0`)...)
	command.Stdin = strings.NewReader(lines.String())
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, err := command.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%v %s", err, &stderr)
	}
	found := map[string]string{}
	for entry := range strings.SplitSeq(string(output), "\x00") {
		name, value, _ := strings.Cut(entry, "=")
		found[name] = value
	}
	got := make([]string, len(values))
	for i := range values {
		got[i] = found[fmt.Sprintf("V%d", i)]
	}
	return got
}

func TestShellLinesAreEvaluated(t *testing.T) {
	t.Parallel()
	values := nasty()
	for name, shell := range shells() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(shell[0]); err != nil {
				t.Fatalf("%v: scripts/test-servers.sh installs it", err)
			}
			for i, got := range evaluated(t, shell, values) {
				if got != values[i] {
					t.Errorf("%q became %q", values[i], got)
				}
			}
		})
	}
}

func FuzzShellLine(f *testing.F) {
	for _, value := range nasty()[:60] {
		f.Add("NAME", value)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		line, problem := shellLine(name, value)
		if problem != "" {
			if line != "" || shellName.MatchString(name) && !strings.ContainsRune(value, 0) {
				t.Fatalf("%q %q: %q %s", name, value, line, problem)
			}
			return
		}
		if got := evaluated(t, []string{"sh", "-c"}, []string{value}); got[0] != value {
			t.Fatalf("%q became %q by %s", value, got[0], line)
		}
	})
}

// dotenvReader reads a .env file as the package dotenv for Node does (its
// parse, of version 17, BSD-2-Clause), which Vite uses, and as node --env-file.
const dotenvReader = `
const LINE = /(?:^|^)\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)(\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*` + "`(?:\\\\`|[^`])*`" + `|[^#\r\n]+)?\s*(?:#.*)?(?:$|$)/mg;
function parse(src) {
  const found = {};
  const lines = src.replace(/\r\n?/mg, "\n");
  for (let match; (match = LINE.exec(lines)) != null; ) {
    let value = (match[2] || "").trim();
    const first = value[0];
    value = value.replace(/^(['"` + "`" + `])([\s\S]*)\1$/mg, "$2");
    if (first === '"') value = value.replace(/\\n/g, "\n").replace(/\\r/g, "\r");
    found[match[1]] = value;
  }
  return found;
}
const src = require("node:fs").readFileSync(0, "utf8");
console.log(JSON.stringify([parse(src), require("node:util").parseEnv?.(src) ?? null]));
`

func readByNode(t *testing.T, text string) (dotenv, node map[string]string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "node", "-e", dotenvReader)
	command.Stdin = strings.NewReader(text)
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := []*map[string]string{&dotenv, &node}
	if err := json.Unmarshal(output, &found); err != nil {
		t.Fatal(err)
	}
	return dotenv, node
}

// TestDotenvIsReadTheSame reads a file of hundreds of lines, so that it shows
// where a value swallows what follows.
func TestDotenvIsReadTheSame(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	want := map[string]string{}
	doubtful := 0
	for i, value := range nasty() {
		name := fmt.Sprintf("V%d", i)
		line, problem := dotenvLine(name, value)
		if problem == notTheSame {
			doubtful++
			continue
		}
		if hasDollar := strings.Contains(value, "$"); hasDollar == (problem == "") {
			t.Errorf("%q: %s", value, problem)
		}
		lines.WriteString(line)
		want[name] = value
	}
	t.Logf("%d values, %d have no common form", len(want), doubtful)
	byGo, err := godotenv.Unmarshal(lines.String())
	if err != nil {
		t.Fatal(err)
	}
	byDotenv, byNode := readByNode(t, lines.String())
	for name, value := range want {
		if byGo[name] != value || byDotenv[name] != value {
			line, _ := dotenvLine(name, value)
			t.Errorf("%sis %q\n godotenv %q\n dotenv   %q\n node     %q", line, value, byGo[name], byDotenv[name], byNode[name])
		} else if byNode != nil && byNode[name] != value {
			line, _ := dotenvLine(name, value)
			t.Logf("node --env-file reads %q as %q", line, byNode[name])
		}
	}
}

func FuzzDotenvLine(f *testing.F) {
	for _, value := range nasty() {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		line, problem := dotenvLine("A", value)
		if problem == notTheSame || strings.Contains(value, "\ufffd") {
			return
		}
		found, err := godotenv.Unmarshal(line + "B=next\n")
		if err != nil || found["A"] != value || found["B"] != "next" {
			t.Fatalf("%q by %q: %q %v", value, line, found, err)
		}
	})
}

func TestEnvNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]bool{
		"A": {true, true}, "_a1": {true, true}, "spring.url": {false, true}, "A-B": {false, true}, "1A": {false, true}, "": {false, false}, "A B": {false, false}, "ä": {false, false}, "A\n": {false, false},
	} {
		_, shell := shellLine(name, "x")
		_, dotenv := dotenvLine(name, "x")
		if (shell == "") != want[0] || (dotenv == "") != want[1] {
			t.Errorf("%q: %s, %s", name, shell, dotenv)
		}
	}
}
