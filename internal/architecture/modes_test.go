package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// forOthers are the files of the program that write what others may read too.
// All else that it writes may hold secrets.
var forOthers = map[string]string{
	"cmd/miniboss/gitignore.go": "the user's list of files that git ignores",
	"cmd/miniboss/init.go":      "the user's file, to begin with",
	"cmd/miniboss/man.go":       "the manual",
	"cmd/miniboss/testjunit.go": "a report that is asked for",
	"cmd/miniboss/timeline.go":  "a drawing that is asked for",
	"cmd/miniboss/types.go":     "the typings",
	"js/nodefs/calls.go":        "what the user's file writes, with its mode",
	"js/nodefs/copy.go":         "what the user's file copies, with its mode",
	"runtime/mounts.go":         "directories that the user's file asks for, which containers read",
}

// TestModes holds the program to files that are their owner's alone from their
// first byte. A look at a file's mode would not show what it was before a chmod.
func TestModes(t *testing.T) {
	t.Parallel()
	const root = "../.."
	calls := 0
	for _, dir := range []string{"cmd", "display", "docker", "js", "network", "runtime", "typings"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(name string, entry fs.DirEntry, err error) error {
			name = filepath.ToSlash(strings.TrimPrefix(name, filepath.FromSlash(root+"/")))
			switch {
			case err != nil || entry.IsDir() && entry.Name() != "testdata" && name != "network/networktest":
				return err
			case entry.IsDir():
				return fs.SkipDir
			case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || forOthers[name] != "":
				return nil
			}
			text, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				return err
			}
			open, n, err := openToOthers(name, text)
			calls += n
			for _, line := range open {
				t.Error(line)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if calls < 5 {
		t.Errorf("only %d calls were found that make a file", calls)
	}
	for name := range forOthers {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestModesAreSeen(t *testing.T) {
	t.Parallel()
	for call, want := range map[string]string{
		`os.WriteFile("x", nil, 0o600)`:                       "",
		`os.OpenFile("x", os.O_CREATE, 0o600)`:                "",
		`os.MkdirAll("x", 0o700)`:                             "",
		`os.CreateTemp("", "x")`:                              "",
		`flock.New("x", flock.SetPermissions(0o600))`:         "",
		`os.WriteFile("x", nil, 0o644); os.Chmod("x", 0o600)`: "x.go:1: os.WriteFile with mode 0o644; x.go:1: Chmod",
		`os.OpenFile("x", os.O_CREATE, mode)`:                 "x.go:1: os.OpenFile with another mode than 0o600",
		`os.Mkdir("x", 0o755)`:                                "x.go:1: os.Mkdir with mode 0o755",
		`os.Create("x")`:                                      "x.go:1: os.Create",
		`file.Chmod(0o600)`:                                   "x.go:1: Chmod",
		`unix.Fchmodat(dir, "x", 0o600, 0)`:                   "x.go:1: Chmod",
		`flock.New("x")`:                                      "x.go:1: flock.New without flock.SetPermissions(0o600)",
		`root.OpenFile("x", os.O_CREATE, 0o600)`:              "",
		`c.root.MkdirAll("x", 0o700)`:                         "",
		`unix.Openat(dir, "x", unix.O_CREAT, 0o600)`:          "",
		`unix.Mkdir("x", 0o700)`:                              "",
		`engine.Create(ctx, name, request, labels)`:           "",
		`root.Open("x")`:                                      "",
		`root.OpenFile("x", os.O_CREATE, 0o644)`:              "x.go:1: root.OpenFile with mode 0o644",
		`c.root.WriteFile("x", nil, mode)`:                    "x.go:1: c.root.WriteFile with another mode than 0o600",
		`open().OpenFile("x", os.O_CREATE, 0o640)`:            "x.go:1: .OpenFile with mode 0o640",
		`root.Mkdir("x", 0o755)`:                              "x.go:1: root.Mkdir with mode 0o755",
		`c.root.Create("x")`:                                  "x.go:1: c.root.Create",
		`unix.Open("x", unix.O_CREAT, 0o644)`:                 "x.go:1: unix.Open with mode 0o644",
		`syscall.Creat("x", 0o666)`:                           "x.go:1: syscall.Creat with mode 0o666",
		`unix.Mkdirat(dir, "x", 0o777)`:                       "x.go:1: unix.Mkdirat with mode 0o777",
		`unix.Openat2(dir, "x", &how)`:                        "x.go:1: unix.Openat2 with another mode than 0o600",
	} {
		open, _, err := openToOthers("x.go", []byte("package x; func f() { "+call+" }"))
		if got := strings.Join(open, "; "); err != nil || got != want {
			t.Errorf("%s: %q, %v", call, got, err)
		}
	}
}

// openToOthers returns the calls in a Go file that make a file or directory which
// others may read, if only for a moment, and how many make one at all.
func openToOthers(name string, text []byte) (open []string, calls int, err error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, 0, err
	}
	ast.Inspect(file, func(node ast.Node) bool {
		call, ok := node.(*ast.CallExpr)
		if !ok {
			return true
		}
		function := nameOf(call.Fun)
		says := func(what string) {
			open = append(open, fmt.Sprintf("%s:%d: %s", name, files.Position(call.Pos()).Line, what))
		}
		modeIs := func(want string) {
			calls++
			switch mode, ok := call.Args[len(call.Args)-1].(*ast.BasicLit); {
			case !ok:
				says(function + " with another mode than " + want)
			case mode.Value != want:
				says(function + " with mode " + mode.Value)
			}
		}
		switch made(function, len(call.Args)) {
		case aFile:
			modeIs("0o600")
		case aDirectory:
			modeIs("0o700")
		case itsOwners:
			calls++
		case forAll:
			says(function)
		case aLock:
			calls++
			set, ok := call.Args[len(call.Args)-1].(*ast.CallExpr)
			if mode, literal := lastOf(set).(*ast.BasicLit); !ok || nameOf(set.Fun) != "flock.SetPermissions" || !literal || mode.Value != "0o600" {
				says("flock.New without flock.SetPermissions(0o600)")
			}
		case changed:
			says("Chmod") // it was made with another one
		}
		return true
	})
	return open, calls, nil
}

// What a call makes, as far as its name tells.
const (
	nothing    = iota
	aFile      // with the mode that is its last argument
	aDirectory // so too
	itsOwners  // whatever it is
	forAll
	aLock
	changed // and made before
)

// made is by the method alone where others than os have it too: os.Root does, and
// whatever else opens files.
func made(function string, arguments int) int {
	of, name := "", function
	if dot := strings.LastIndex(function, "."); dot >= 0 {
		of, name = function[:dot], function[dot+1:]
	}
	system := of == "unix" || of == "syscall"
	switch {
	case function == "flock.New":
		return aLock
	case function == "os.CreateTemp", function == "os.MkdirTemp":
		return itsOwners
	case function == "os.CopyFS", name == "Create" && arguments == 1:
		return forAll
	case name == "OpenFile", name == "WriteFile":
		return aFile
	case system && slices.Contains([]string{"Open", "Openat", "Openat2", "Creat", "Mknod", "Mknodat"}, name):
		return aFile
	case name == "Mkdir", name == "MkdirAll", system && name == "Mkdirat":
		return aDirectory
	case name == "Chmod", name == "Fchmod", name == "Fchmodat":
		return changed
	}
	return nothing
}

// nameOf is package.Function, as far as it is a name.
func nameOf(function ast.Expr) string {
	switch f := function.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return nameOf(f.X) + "." + f.Sel.Name
	}
	return ""
}

func lastOf(call *ast.CallExpr) ast.Expr {
	if call == nil || len(call.Args) == 0 {
		return nil
	}
	return call.Args[len(call.Args)-1]
}
