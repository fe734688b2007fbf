package enginetest

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// serverImage is the image of the test server. Its tag is the hash of its
// content and its id follows from it, so that processes that make it at the
// same time make the same. Each that uses it holds a shared lock on a file
// until it ends; the last removes the image.
type serverImage struct {
	mutex sync.Mutex
	tag   string
	image v1.Image
	lock  *flock.Flock
	api   *Client
	began time.Time
}

// Image returns the reference of the test server's image, which has the
// command /testserver as its entrypoint and nothing else but the users root
// and app (1000). See internal/testserver for what it can do.
func Image(t testing.TB) string {
	t.Helper()
	if !process.running.Load() {
		t.Fatal("this package has no TestMain that calls enginetest.Run")
	}
	needed(t)
	tag, err := process.image.load(t.Context(), sharedAPI(t))
	if err != nil {
		t.Fatalf("making the test server's image: %v", err)
	}
	return tag
}

func (s *serverImage) load(ctx context.Context, api *Client) (string, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.tag != "" {
		return s.tag, nil
	}
	began := time.Now()
	image, hash, err := s.content()
	if err != nil {
		return "", err
	}
	tag, err := name.NewTag("miniboss-testserver:" + hash)
	if err != nil {
		return "", err
	}
	lock := flock.New(filepath.Join(os.TempDir(), "miniboss-testserver-"+hash+".lock"))
	if err := lock.RLock(); err != nil {
		return "", err
	}
	var archive bytes.Buffer
	if err := tarball.Write(tag, image, &archive); err != nil {
		return "", err
	}
	if err := api.Do(ctx, http.MethodPost, "/images/load", url.Values{"quiet": {"1"}}, &archive, nil); err != nil {
		return "", err
	}
	s.tag, s.lock, s.api, s.began = "miniboss-testserver:"+hash, lock, api, began
	return s.tag, nil
}

// content builds the server, once per process.
func (s *serverImage) content() (v1.Image, string, error) {
	if s.image != nil {
		hash, err := s.hash()
		return s.image, hash, err
	}
	binary, err := buildServer()
	if err != nil {
		return nil, "", err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(layerOf(binary)), nil })
	if err != nil {
		return nil, "", err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, "", err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, "", err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Created = v1.Time{Time: time.Unix(0, 0)}
	config.Config = v1.Config{Entrypoint: []string{"/testserver"}, Env: []string{"PATH=/", "FROM_IMAGE=yes"}}
	if s.image, err = mutate.ConfigFile(image, config); err != nil {
		return nil, "", err
	}
	hash, err := s.hash()
	return s.image, hash, err
}

func (s *serverImage) hash() (string, error) {
	id, err := s.image.ConfigName()
	return id.Hex[:12], err
}

// release gives the image up and, in the last process that had it, removes it,
// with what this process's builds have left in the build cache.
func (s *serverImage) release() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.tag == "" {
		return nil
	}
	defer s.api.http.CloseIdleConnections()
	if err := s.lock.Unlock(); err != nil {
		return err
	}
	last, err := s.lock.TryLock()
	if err != nil || !last {
		return err
	}
	defer func() { _ = s.lock.Unlock() }()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	// Older engines refuse to look while somebody else does: then they stay.
	_ = s.api.pruneBuilds(ctx, s.began)
	return gone(s.api.removeImage(ctx, s.tag))
}

// Binary builds the test server and returns its content, for a build context.
func Binary(t testing.TB) []byte {
	t.Helper()
	binary, err := buildServer()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

var buildServer = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "miniboss-testserver-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "testserver")
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", path,
		"github.com/miniboss/miniboss/internal/testserver")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH, "GOFLAGS=")
	if output, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the test server: %w\n%s", err, output)
	}
	return os.ReadFile(path)
})

func layerOf(binary []byte) io.Reader {
	var layer bytes.Buffer
	w := tar.NewWriter(&layer)
	add := func(path string, mode int64, content string) {
		header := &tar.Header{Name: path, Mode: mode, Size: int64(len(content)), Typeflag: tar.TypeReg, ModTime: time.Unix(0, 0)}
		if content == "" {
			header.Typeflag = tar.TypeDir
		}
		// Writing to memory does not fail.
		_ = w.WriteHeader(header)
		_, _ = io.WriteString(w, content)
	}
	add("etc/", 0o755, "")
	add("etc/passwd", 0o644, "root:x:0:0:root:/:/\napp:x:1000:1000:app:/:/\n")
	add("etc/group", 0o644, "root:x:0:\napp:x:1000:\n")
	add("tmp/", 0o1777, "")
	add("testserver", 0o755, string(binary))
	_ = w.Close()
	return &layer
}
