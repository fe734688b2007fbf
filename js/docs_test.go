package js

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/miniboss/miniboss/network/networktest"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// page is what the tests below run. Its conventions:
//
//   - A block that imports from "miniboss", or requires it, is a whole file. The
//     hooks of its services are called in the order of a start and a stop.
//   - A block that begins with a comment that is a file's name, other than
//     miniboss.js or .ts, is that file; the next whole file finds it.
//   - A block with classes that extend Service, but no import, gets the import,
//     the exports, and a name and an image where they are missing.
//   - Any other block is the body of a hook.
//   - Everything that a block prints stands in its comments "// prints …", or in
//     the block of text that comes next. So do its errors.
const page = "../docs/javascript.md"

// TestDocs runs the examples of the page.
func TestDocs(t *testing.T) {
	t.Parallel()
	world := &docsWorld{t: t, names: moduleNames()}
	examples := docsExamples(t)
	if len(examples) < 30 {
		t.Fatalf("there are only %d examples", len(examples))
	}
	for _, e := range examples {
		t.Run(fmt.Sprintf("line %d", e.line), func(t *testing.T) {
			t.Parallel()
			got := world.run(t, e)
			if got != e.want {
				t.Errorf("%s:%d: in %q\n--- got\n%s\n--- the page says\n%s", page, e.line, e.heading, got, e.want)
			}
		})
	}
}

// example is a block of JavaScript or TypeScript of the page.
type example struct {
	line          int
	heading, lang string
	code, want    string
	files         map[string]string // that it needs, by name
}

var (
	docsPrints  = regexp.MustCompile(`// prints (.*)`)
	docsNamed   = regexp.MustCompile(`^(?://|#|--) ([\w./-]*\.[a-z]+|\.env)\n`)
	docsImports = regexp.MustCompile(`from "miniboss"|require\("miniboss"\)`)
	docsImport  = regexp.MustCompile(`(?m)^import .*;\n`)
	docsClass   = regexp.MustCompile(`(?m)^class \w+ extends Service \{`)
)

func docsExamples(t *testing.T) []example {
	t.Helper()
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var examples []example
	var last *example // that a block of text may belong to
	heading, files := "", map[string]string{}
	lines := strings.Split(string(data), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.HasPrefix(line, "#") {
			heading, files = strings.TrimLeft(line, "# "), map[string]string{}
		}
		lang, fenced := strings.CutPrefix(line, "```")
		if !fenced {
			if strings.TrimSpace(line) != "" {
				last = nil
			}
			continue
		}
		end := i + 1 + slices.Index(lines[i+1:], "```")
		code := strings.Join(lines[i+1:end], "\n") + "\n"
		number := i + 1
		i = end
		if name := docsNamed.FindStringSubmatch(code); name != nil && !strings.HasPrefix(name[1], "miniboss.") {
			files[name[1]] = code
			continue
		}
		switch {
		case lang == "text" && last != nil:
			last.want = strings.TrimRight(code, "\n")
			last = nil
		case lang == "js" || lang == "ts":
			var prints []string
			for _, m := range docsPrints.FindAllStringSubmatch(code, -1) {
				prints = append(prints, m[1])
			}
			examples = append(examples, example{number, heading, lang, code, strings.Join(prints, "\n"), files})
			last = &examples[len(examples)-1]
		}
	}
	return examples
}

// file makes a whole file of the example.
func (e example) file(names []string) string {
	if docsImports.MatchString(e.code) {
		return e.code
	}
	code := "import { " + strings.Join(names, ", ") + " } from \"miniboss\";\n"
	if !docsClass.MatchString(e.code) {
		code += strings.Join(docsImport.FindAllString(e.code, -1), "")
		return code + "export class Demo extends Service { name = \"demo\"; image = \"i\"; async postStart() {\n" +
			docsImport.ReplaceAllString(e.code, "") + "\n} }\n"
	}
	n := 0
	parts := docsClass.Split(e.code, -1)
	for i, head := range docsClass.FindAllString(e.code, -1) {
		code += parts[i] + "export " + head
		body, _, _ := strings.Cut(parts[i+1], "\n}")
		if !regexp.MustCompile(`\bname = `).MatchString(body) {
			n++
			code += fmt.Sprintf(" name = \"demo%d\";", n)
		}
		if !regexp.MustCompile(`\bimage = `).MatchString(body) {
			code += " image = \"i\";"
		}
	}
	return code + parts[len(parts)-1]
}

// docsWorld is what the examples reach on the network.
type docsWorld struct {
	t        *testing.T
	names    []string // of the module
	http     sync.Once
	postgres sync.Once
	mariadb  sync.Once
	redis    sync.Once
	addr     [4]string
}

// connect puts the addresses of real servers into a file.
func (w *docsWorld) connect(code string) string {
	for i, server := range []struct {
		written string
		once    *sync.Once
		start   func() string
	}{
		{"localhost:8080", &w.http, func() string {
			s := httptest.NewServer(http.HandlerFunc(docsAnswer))
			w.t.Cleanup(s.Close)
			return strings.TrimPrefix(s.URL, "http://")
		}},
		{"postgres://dbuser:dbpwd@localhost:5433/appdb", &w.postgres, func() string { return networktest.Postgres(w.t).URL("") }},
		{"mysql://dbuser:dbpwd@localhost:3307/appdb", &w.mariadb, func() string { return networktest.MariaDB(w.t).URL("") }},
		{"redis://localhost:6379", &w.redis, func() string { return networktest.Redis(w.t).URL("") }},
	} {
		if strings.Contains(code, server.written) {
			server.once.Do(func() { w.addr[i] = server.start() })
			code = strings.ReplaceAll(code, server.written, w.addr[i])
		}
	}
	return code
}

// docsAnswer is the server at localhost:8080.
func docsAnswer(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /health", "GET /":
		fmt.Fprint(w, `{"status":"up"}`)
	case "POST /todos":
		fmt.Fprint(w, `{"id":7}`)
	case "GET /slow":
		<-r.Context().Done()
	default:
		http.Error(w, "no such page", http.StatusNotFound)
	}
}

// run does with an example what a start and a stop do, and returns what a user
// sees of it.
func (w *docsWorld) run(t *testing.T, e example) string {
	dir := filepath.Join(t.TempDir(), "my-project")
	write(t, dir, "todo/Dockerfile", "FROM scratch\n")
	write(t, dir, "database/Dockerfile", "FROM scratch\n")
	for name, text := range e.files {
		write(t, dir, name, text)
	}
	var out strings.Builder // written by the loop, read when it has ended
	var mu sync.Mutex
	print := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		out.WriteString(strings.TrimRight(text, "\n") + "\n")
	}
	f, err := Load(t.Context(), Options{
		File: write(t, dir, "miniboss."+e.lang, w.connect(e.file(w.names))), WorkDir: dir,
		Env:     []string{"HOME=/home/mia", "API_KEY=abc", "PATH=" + os.Getenv("PATH")},
		Console: func(l Line) { print(l.Text) },
		OnError: func(e *Error) { print(describeError(e)) }, // without "miniboss: error"
	})
	if err == nil {
		for _, warning := range f.Warnings {
			print("warning: " + warning.Pos.String() + ": " + warning.Message)
		}
		f.Bind(docsContainers{})
		err = docsStart(t.Context(), f)
		f.Close()
	}
	if err != nil {
		print("miniboss: error: " + docsError(dir, err))
	}
	mu.Lock()
	defer mu.Unlock()
	return strings.ReplaceAll(strings.TrimRight(out.String(), "\n"), dir, "/home/mia/my-project")
}

// docsStart calls the hooks of all services, in the order of the file, which
// has dependencies first, and then those of a stop.
func docsStart(ctx context.Context, f *File) error {
	var names []string
	for _, s := range f.Services {
		if err := docsStartOne(ctx, f, s); err != nil {
			return err
		}
		names = append(names, s.Name)
	}
	if err := f.OnStart(ctx, names); err != nil {
		return err
	}
	slices.Reverse(names)
	for i := len(f.Services) - 1; i >= 0; i-- {
		hooks := f.Services[i].Hooks
		for _, hook := range []func(context.Context) error{hooks.PreStop, hooks.PostStop} {
			if err := docsHook(ctx, hook); err != nil {
				return err
			}
		}
	}
	return f.OnStop(ctx, names)
}

func docsStartOne(ctx context.Context, f *File, s *spec.Service) error {
	fields, err := s.Evaluate(ctx)
	if err != nil {
		return err
	}
	values, err := f.Snapshot(ctx)
	if err != nil {
		return err
	}
	fields, problems := spec.ExtrapolateFields(fields, docsObject(values))
	if len(problems) == 0 {
		_, problems = spec.ParseDefinition(fields, filepath.Dir(f.Path), spec.AtTurn)
	}
	if len(problems) > 0 {
		r := runtime.NewRunner(runtime.Setup{Graph: f.Graph, Values: f, File: f.Path})
		_, err := r.Environment(ctx, s.Name)
		if wrong, ok := errors.AsType[*spec.DefinitionError](err); ok {
			return wrong // which tells more of what is not there
		}
		for i, p := range problems {
			problems[i].Pos, problems[i].Class = s.FieldPos(p.Field), s.Class
		}
		return &spec.DefinitionError{Problems: problems}
	}
	if err := docsHook(ctx, s.Hooks.PreStart); err != nil {
		return err
	}
	if s.Hooks.Configure != nil {
		if _, err := s.Hooks.Configure(ctx, []byte(`{"Config":{},"HostConfig":{},"NetworkingConfig":{}}`)); err != nil {
			return err
		}
	}
	if s.Hooks.Ping != nil {
		ready, reason := false, ""
		for call := 0; !ready && call < 5 && err == nil; call++ {
			ready, reason, err = s.Hooks.Ping(ctx)
		}
		if err != nil || !ready {
			return errors.Join(err, errors.New("not ready: "+reason))
		}
	}
	return docsHook(ctx, s.Hooks.PostStart)
}

func docsHook(ctx context.Context, hook func(context.Context) error) error {
	if hook == nil {
		return nil
	}
	return hook(ctx)
}
