package js

import "github.com/miniboss/miniboss/runtime"

// Warning is something that is probably a mistake.
type Warning struct {
	Pos     runtime.Position
	Message string
	Line    string // of the source
}

func forgotten(b *bundle, workDir string) []Warning { return nil }
