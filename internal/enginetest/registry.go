package enginetest

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Registry is a registry on loopback, which engines on this machine use
// without TLS.
type Registry struct {
	Host           string // 127.0.0.1:43211
	User, Password string // "": open to all

	added   int
	stalled chan struct{} // closed when layers are sent; see Stall
	mutex   sync.Mutex
}

// Stall holds the layers back that are asked for from now on, until GoOn is
// called or the test is done.
func (r *Registry) Stall() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.stalled == nil {
		r.stalled = make(chan struct{})
	}
}

// GoOn sends them again.
func (r *Registry) GoOn() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.stalled != nil {
		close(r.stalled)
		r.stalled = nil
	}
}

func (r *Registry) await(request *http.Request) {
	r.mutex.Lock()
	stalled := r.stalled
	r.mutex.Unlock()
	if stalled == nil || request.Method != http.MethodGet || !strings.Contains(request.URL.Path, "/blobs/") {
		return
	}
	select {
	case <-stalled:
	case <-request.Context().Done():
	}
}

// NewRegistry starts a registry for the time of the test.
func NewRegistry(t testing.TB, user, password string) *Registry {
	t.Helper()
	handler := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	r := &Registry{User: user, Password: password}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if user != "" {
			if u, p, _ := request.BasicAuth(); u != user || p != password {
				w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`)
				return
			}
		}
		r.await(request)
		handler.ServeHTTP(w, request)
	}))
	t.Cleanup(server.Close)
	t.Cleanup(r.GoOn)
	host := strings.TrimPrefix(server.URL, "http://")
	r.Host = host
	api := API(t)
	t.Cleanup(func() {
		if err := api.removeReplaced(context.Background(), host); err != nil {
			t.Errorf("removing what was pulled from %s: %v", host, err)
		}
	})
	return r
}

// removeReplaced removes the images that lost their tag to a newer one from the
// same registry.
func (c *Client) removeReplaced(ctx context.Context, host string) error {
	var images []struct {
		ID          string
		RepoDigests []string
	}
	err := c.Do(ctx, http.MethodGet, "/images/json", filter("dangling", "true"), nil, &images)
	for _, image := range images {
		if slices.ContainsFunc(image.RepoDigests, func(d string) bool { return strings.HasPrefix(d, host+"/") }) {
			err = errors.Join(err, gone(c.removeImage(ctx, image.ID)))
		}
	}
	return err
}

// markerOf is a layer with one file that holds a text.
func markerOf(text string) io.Reader {
	var layer bytes.Buffer
	w := tar.NewWriter(&layer)
	// Writing to memory does not fail.
	_ = w.WriteHeader(&tar.Header{Name: "reference", Mode: 0o644, Size: int64(len(text))})
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return &layer
}

// Add puts the test server's image into the registry and returns its
// reference, each time as another image. What the engine has pulled is removed when the test is done.
func (r *Registry) Add(t testing.TB, repository string) string {
	t.Helper()
	Image(t) // makes the content
	reference, err := name.ParseReference(r.Host+"/"+repository, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	process.image.mutex.Lock()
	image, _, err := process.image.content()
	process.image.mutex.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	// A layer that the engine does not have, so that there is something to pull.
	r.added++
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(markerOf(fmt.Sprint(reference, r.added))), nil })
	if err != nil {
		t.Fatal(err)
	}
	if image, err = mutate.AppendLayers(image, layer); err != nil {
		t.Fatal(err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	defer transport.CloseIdleConnections()
	options := []remote.Option{remote.WithTransport(transport), remote.WithContext(t.Context())}
	if r.User != "" {
		options = append(options, remote.WithAuth(&authn.Basic{Username: r.User, Password: r.Password}))
	}
	if err := remote.Write(reference, image, options...); err != nil {
		t.Fatalf("pushing to the registry: %v", err)
	}
	RemoveImage(t, reference.String())
	return reference.String()
}
