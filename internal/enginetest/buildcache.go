package enginetest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// cacheRecord is one of the engine's build cache. The engine never removes those
// that are small, and reads them all when it is started.
type cacheRecord struct {
	ID          string
	Parent      string   // until Docker 20.10
	Parents     []string // since
	Description string
	InUse       bool
	CreatedAt   time.Time
}

func (r cacheRecord) parents() []string {
	if r.Parent != "" {
		return append(slices.Clone(r.Parents), r.Parent)
	}
	return r.Parents
}

// pruneBuilds removes the records that the tests' builds have left in the build
// cache since a time.
func (c *Client) pruneBuilds(ctx context.Context, since time.Time) error {
	var usage struct{ BuildCache []cacheRecord }
	if err := c.Do(ctx, http.MethodGet, "/system/df", url.Values{"type": {"build-cache"}}, nil, &usage); err != nil {
		return err
	}
	ids := idleOfTests(usage.BuildCache, since)
	if len(ids) == 0 {
		return nil
	}
	// The engine takes one id, and takes it for a regular expression.
	query := filter("id", "^("+strings.Join(ids, "|")+")$")
	query.Set("all", "1")
	return c.Do(ctx, http.MethodPost, "/build/prune", query, nil, nil)
}

// idleOfTests returns the records that are new, that nothing uses, and that
// nobody else's build wants: those that ran the test server, with what they were
// made from but for the base image, and with what was made from them; and the
// contexts that were sent, whose addresses no later build has. What was unpacked
// of a context looks like anybody's, and stays.
func idleOfTests(records []cacheRecord, since time.Time) (ids []string) {
	byID := map[string]cacheRecord{}
	children := map[string][]cacheRecord{}
	for _, r := range records {
		byID[r.ID] = r
		for _, parent := range r.parents() {
			children[parent] = append(children[parent], r)
		}
	}
	ours := map[string]bool{}
	var withParents, withChildren func(cacheRecord)
	withParents = func(r cacheRecord) {
		for _, id := range r.parents() {
			if parent := byID[id]; len(parent.parents()) > 0 && !ours[id] {
				ours[id] = true
				withParents(parent)
			}
		}
	}
	withChildren = func(r cacheRecord) {
		for _, child := range children[r.ID] {
			if !ours[child.ID] {
				ours[child.ID] = true
				withChildren(child)
			}
		}
	}
	for _, r := range records {
		switch {
		case strings.Contains(r.Description, " exec /testserver"):
			ours[r.ID] = true
			withParents(r)
			withChildren(r)
		case strings.HasPrefix(r.Description, "http url http://build-context-"):
			ours[r.ID] = true
		}
	}
	for _, r := range records {
		if ours[r.ID] && !r.InUse && !r.CreatedAt.Before(since) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}
