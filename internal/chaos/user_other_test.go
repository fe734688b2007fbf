//go:build !linux

package chaos

// asNobody has the world's commands run by another user.
func (w *world) asNobody() { w.Skip("it wants Linux") }
