package runtime

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime/state"
)

// Engines may finish a build that was cut off at its very end, after the next
// command has looked. With the image's own name it would replace what is there,
// with what nobody asks for any more. So an image is built under a name of its
// build's own, which the journal knows until it is gone.

// buildNames is what those names begin with; the time of the build follows.
const (
	buildNames = "miniboss-build:"
	buildTimes = "20060102-150405"
)

// lateLimit is how long after its beginning the image of a build that was cut off
// is still looked for.
const lateLimit = time.Hour

// build builds an image, and names it when it is done.
func (r *Runner) build(ctx context.Context, o BuildOptions, progress func(Progress)) (string, error) {
	if r.Journal == nil || r.Journal.ReadOnly {
		return r.Engine.Build(ctx, o, progress)
	}
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails
	o.Under = buildNames + time.Now().UTC().Format(buildTimes) + "-" + hex.EncodeToString(random)
	r.Journal.Note(state.VerbBuild, o.Under)
	id, err := r.Engine.Build(ctx, o, progress)
	if err == nil {
		r.removeBuildName(ctx, o.Under)
	}
	return id, err
}

// removeBuildName takes the name of a build away, and with it the image where it
// has no other.
func (r *Runner) removeBuildName(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUpLimit)
	defer cancel()
	// Else the next command tries again: it may not be there yet.
	if err := r.Engine.RemoveName(ctx, name); err == nil || errors.Is(err, ErrNotFound) && lateEnough(name) {
		r.Journal.Note(state.VerbDone, name)
	}
}

// lateEnough reports whether the build of that name cannot be under way.
func lateEnough(name string) bool {
	text := strings.TrimPrefix(name, buildNames)
	began, err := time.Parse(buildTimes, text[:min(len(text), len(buildTimes))])
	return err != nil || time.Since(began) > lateLimit
}
