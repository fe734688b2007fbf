package runtime

import "strings"

// Names tell people what a thing is. miniboss itself finds things by their
// labels; a name only has to be free, and to say whether a container became
// ready, because that must be seen after a kill.

// The last part of a container's name while it is not ready. A service's name
// has no dot, so no service's container can have such a name by itself.
const (
	suffixNew    = ".new"    // created, not ready yet
	suffixAgain  = ".again"  // an existing one that was restarted, not ready yet
	suffixFailed = ".failed" // failed, and kept with --keep-failed
)

// fullName joins the group's name and that of a service or volume. Underscores
// in the group's name are doubled: else group a_b and name c, and group a and
// name b_c, would have the same full name.
func fullName(group, name string) string {
	return strings.ReplaceAll(group, "_", "__") + "_" + name
}

// NetworkName is the name of the group's network where none is given.
func NetworkName(group string) string { return "miniboss-" + group }
