package nodefs

import "syscall"

// statTimes are the times of the last access, of the last change of the
// structure, and of the birth, which is taken to be the older one of those that
// this call of the system tells.
func statTimes(st *syscall.Stat_t) (accessed, changed, born syscall.Timespec) {
	born = st.Ctim
	if st.Mtim.Nano() < born.Nano() {
		born = st.Mtim
	}
	return st.Atim, st.Ctim, born
}
