package nodefs

import "syscall"

// statTimes are the times of the last access, of the last change of the
// structure, and of the birth.
func statTimes(st *syscall.Stat_t) (accessed, changed, born syscall.Timespec) {
	return st.Atimespec, st.Ctimespec, st.Birthtimespec
}
