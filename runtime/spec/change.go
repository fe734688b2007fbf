package spec

// Change is a field of a definition that differs from the container's.
type Change struct {
	Field string // in the user's words: env.DB_URI, ports.8080/tcp, cmd
	Old   string // "": not set before
	New   string // "": not set any more
}
