package docker

import (
	"fmt"
	"os"

	"github.com/miniboss/miniboss/internal/lazyregexp"
)

// unlikeMount finds the two sides of a mount that runc cannot make.
var unlikeMount = lazyregexp.New(`error mounting "([^"]+)" to rootfs at "([^"]+)".*: not a directory`)

// mountMismatch says that a directory was to be mounted over a file, or a file
// over a directory; "" where an error is another one.
func mountMismatch(text string) string {
	found := unlikeMount.FindStringSubmatch(text)
	if found == nil {
		return ""
	}
	source, target := found[1], found[2]
	info, err := os.Stat(source)
	switch {
	case err != nil: // it is not on this machine
		return fmt.Sprintf("%s cannot be mounted at %s: one is a directory and the other a file", source, target)
	case info.IsDir():
		return fmt.Sprintf("%s is a directory, and cannot be mounted at %s, which is a file in the image", source, target)
	default:
		return fmt.Sprintf("%s is a file, and cannot be mounted at %s, which is a directory in the image", source, target)
	}
}
