package js

import "io/fs"

// isPrivate reports whether a file is this user's alone: those in the user's
// directories are.
func isPrivate(fs.FileInfo) bool { return true }
