package docker

import "context"

// Rich is for the tests from outside, which use the test kit.
var Rich = rich

// TablesInside is for a test on an engine whose containers are processes of this
// machine, where Listeners does not need it.
func (e *Engine) TablesInside(ctx context.Context, id string) (string, error) {
	return e.tablesInside(ctx, id)
}
