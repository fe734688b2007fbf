package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/miniboss/miniboss/internal/enginetest"
	"github.com/miniboss/miniboss/network/networktest"
)

// services are those of testdata/collection, and whether they run when they
// are started.
var services = map[string]bool{"db": true, "migrate": false, "app": true, "web": true, "quiet": true, "side": true}

// world is the collection in a directory and a group of its own.
type world struct {
	testing.TB
	api        *enginetest.Client
	program    string
	group      string
	dir        string // of the service file
	home       string
	temp       string // for temporary files; nothing must be left there
	hooks      string // the file that the hooks write to
	image      string
	ports      [2]int
	host       string // DOCKER_HOST; "": the tests' own
	engineHost string // the address of the engine itself
	variant    int    // of the definitions
	content    int    // of the build context
	number     int    // of the process, where there are several
	credential *syscall.SysProcAttr
	inside     []string // what runs the program elsewhere
}

func newWorld(t testing.TB) *world {
	t.Helper()
	root := t.TempDir()
	w := &world{
		TB: t, api: enginetest.API(t), program: miniboss(t), image: enginetest.Image(t), group: enginetest.Group(t),
		dir: filepath.Join(root, "collection"), home: filepath.Join(root, "home"), temp: filepath.Join(root, "tmp"),
		hooks: filepath.Join(root, "hooks"), engineHost: enginetest.Engine(t).Host(),
	}
	for i := range w.ports {
		w.ports[i] = networktest.FreePort(t)
	}
	for _, dir := range []string{w.home, w.temp} {
		w.must(os.Mkdir(dir, 0o700))
	}
	w.must(os.CopyFS(w.dir, os.DirFS("testdata/collection")))
	w.rewrite()
	return w
}

// rewrite makes the next build another one.
func (w *world) rewrite() {
	w.content++
	w.must(os.WriteFile(filepath.Join(w.dir, "app", "content"), fmt.Appendln(nil, w.group, w.content), 0o600))
}

// file makes another service file.
func (w *world) file(text string) {
	w.Helper()
	w.must(os.WriteFile(filepath.Join(w.dir, "miniboss.js"), []byte(text), 0o644))
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) environ() []string {
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.home, "TMPDIR=" + w.temp,
		"GROUP=" + w.group, "IMAGE=" + w.image, "HOOKS=" + w.hooks, "VARIANT=" + fmt.Sprint(w.variant),
		fmt.Sprintf("P1=%d", w.ports[0]), fmt.Sprintf("P2=%d", w.ports[1]),
		"GORACE=atexit_sleep_ms=0", // else it waits for a second at each end
	}
	for _, name := range []string{"DOCKER_HOST", "DOCKER_CONTEXT"} {
		if value, set := os.LookupEnv(name); set {
			env = append(env, name+"="+value)
		}
	}
	if w.host != "" {
		env = append(env, "DOCKER_HOST="+w.host)
	}
	return env
}
