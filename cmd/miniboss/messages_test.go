package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// messagesFile lists all messages, so that they can be read from top to bottom.
const messagesFile = "testdata/messages.txt"

// TestMessages compares everything a user can read, in all packages of the
// program, with messagesFile, so that a review shows which messages change.
func TestMessages(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, folder := range []string{"cmd/miniboss", "runtime", "runtime/spec", "runtime/state", "docker", "network",
		"display", "display/graph", "display/timeline", "js", "js/nodefs", "js/shell"} {
		files, err := filepath.Glob(filepath.Join("../..", folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no source files in %s: %v", folder, err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			if messages := messagesIn(t, file); len(messages) > 0 {
				fmt.Fprintf(&b, "# %s/%s\n%s\n\n", folder, filepath.Base(file), strings.Join(messages, "\n"))
			}
		}
	}
	if *update {
		if err := os.WriteFile(messagesFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(messagesFile)
	if err != nil {
		t.Fatal(err)
	}
	old, now := strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")
	if !slices.Equal(old, now) {
		t.Errorf("messages changed, or moved within %s:\n%s%sto accept this: go test ./cmd/miniboss -run TestMessages -update",
			messagesFile, missing("-", old, now), missing("+", now, old))
	}
}

// missing returns the lines that others lacks, each after a mark.
func missing(mark string, lines, others []string) string {
	var b strings.Builder
	for _, line := range lines {
		if !slices.Contains(others, line) {
			fmt.Fprintf(&b, "%s %s\n", mark, line)
		}
	}
	return b.String()
}

var (
	// messageCalls are functions that get messages, whatever these look like.
	messageCalls = regexp.MustCompile(`^(fmt\.Errorf|errors\.New|.*\b([sS]ay|warn|notice|added|section|(String|Bool)\w*VarP?|choiceVar|secondsVar))$`)
	// messageNames are fields and variables that hold messages, and methods that
	// return them.
	messageNames = regexp.MustCompile(`^(Error|(?i:.*(message|found|accepted|hint|advice|short|long|example|use|usage|title)))$`)
	// otherCalls look for words of others: the engine's, say, or a library's.
	otherCalls = regexp.MustCompile(`^(regexp\.\w+|lazyregexp\.New|strings\.(Contains|(Has|Trim|Cut)(Prefix|Suffix)|Cut|Index|ReplaceAll))$`)
	// prose is two words after each other. A text with two words is a message
	// wherever it is, unless it is markup.
	prose  = regexp.MustCompile(`[A-Za-z'’]{2,}[,:;]? [A-Za-z(%]`)
	markup = regexp.MustCompile(`^(<\w|<!)|\[shape=`)
	word   = regexp.MustCompile(`[A-Za-z]{2}`)
)

// messagesIn returns the messages of a source file in their order, one a line.
// It goes by the form of the source and knows no types, so it may list a text
// too many.
func messagesIn(t *testing.T, file string) []string {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	sure, done := map[ast.Node]bool{}, map[ast.Node]bool{}
	mark := func(marks map[ast.Node]bool, root ast.Node) {
		ast.Inspect(root, func(n ast.Node) bool {
			marks[n] = true
			_, isCall := n.(*ast.CallExpr)
			return !isCall || n == root
		})
	}
	var messages []string
	ast.Inspect(source, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			done[n.Tag] = true
		case *ast.FuncDecl:
			ast.Inspect(n, func(in ast.Node) bool {
				if result, is := in.(*ast.ReturnStmt); is && messageNames.MatchString(n.Name.Name) {
					mark(sure, result)
				}
				return true
			})
		case *ast.KeyValueExpr:
			if key, is := n.Key.(*ast.Ident); is && messageNames.MatchString(key.Name) {
				mark(sure, n.Value)
			}
		case *ast.AssignStmt:
			if name, is := n.Lhs[0].(*ast.Ident); is && messageNames.MatchString(name.Name) {
				mark(sure, n)
			}
		case *ast.CallExpr:
			if name := types.ExprString(n.Fun); otherCalls.MatchString(name) {
				mark(done, n)
			} else if messageCalls.MatchString(name) {
				mark(sure, n.Args[len(n.Args)-1])
				mark(sure, n.Args[0])
			}
		case *ast.BinaryExpr, *ast.BasicLit:
			text, isText := joined(n.(ast.Expr), done)
			if isText && word.MatchString(text) && (sure[n] || prose.MatchString(text) && !markup.MatchString(text)) {
				messages = append(messages, strings.ReplaceAll(text, "\n", `\n`))
			}
		}
		return true
	})
	return messages
}

// joined returns the text of a literal, or of several that are added to other
// values, for which "…" stands. It marks the literals as done.
func joined(e ast.Expr, done map[ast.Node]bool) (text string, isText bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if done[e] || err != nil || e.Kind != token.STRING {
			return "", false
		}
		done[e] = true
		return text, true
	case *ast.BinaryExpr:
		left, leftIs := joined(e.X, done)
		right, rightIs := joined(e.Y, done)
		return left + right, e.Op == token.ADD && (leftIs || rightIs)
	}
	return "…", false
}
