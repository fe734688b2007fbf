package runtime

import "io/fs"

// giveTo does nothing: what a user makes is the user's.
func giveTo(string, fs.FileInfo) error { return nil }
