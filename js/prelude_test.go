package js

import (
	"slices"
	"testing"
)

// The bundler tells esbuild what the module exports without asking the world.
func TestModuleNames(t *testing.T) {
	t.Parallel()
	h, err := newHost(t.Context(), Options{File: "/x/miniboss.js"})
	if err != nil {
		t.Fatal(err)
	}
	defer h.loop.close()
	bound := slices.Sorted(slices.Values(h.exports.Keys()))
	if names := moduleNames(); !slices.Equal(names, bound) {
		t.Errorf("names are\n%v\nbound are\n%v", names, bound)
	}
}
