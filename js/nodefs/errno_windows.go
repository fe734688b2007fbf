package nodefs

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// portable is what an error of Windows is in the portable names, as libuv has
// it.
func portable(errno syscall.Errno) syscall.Errno {
	switch errno {
	case windows.ERROR_FILE_NOT_FOUND, windows.ERROR_PATH_NOT_FOUND, windows.ERROR_INVALID_NAME,
		windows.ERROR_INVALID_DRIVE, windows.ERROR_MOD_NOT_FOUND, windows.ERROR_DIRECTORY:
		return syscall.ENOENT
	case windows.ERROR_FILE_EXISTS, windows.ERROR_ALREADY_EXISTS:
		return syscall.EEXIST
	case windows.ERROR_ACCESS_DENIED, windows.ERROR_PRIVILEGE_NOT_HELD:
		return syscall.EPERM
	case windows.ERROR_NOACCESS, windows.ERROR_ELEVATION_REQUIRED:
		return syscall.EACCES
	case windows.ERROR_SHARING_VIOLATION, windows.ERROR_LOCK_VIOLATION:
		return syscall.EBUSY
	case windows.ERROR_DIR_NOT_EMPTY:
		return syscall.ENOTEMPTY
	case windows.ERROR_NOT_SAME_DEVICE:
		return syscall.EXDEV
	case windows.ERROR_FILENAME_EXCED_RANGE:
		return syscall.ENAMETOOLONG
	case windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL:
		return syscall.ENOSPC
	case windows.ERROR_WRITE_PROTECT:
		return syscall.EROFS
	case windows.ERROR_TOO_MANY_OPEN_FILES:
		return syscall.EMFILE
	case windows.ERROR_CANT_RESOLVE_FILENAME:
		return syscall.ELOOP
	case windows.ERROR_INVALID_PARAMETER, windows.ERROR_NOT_A_REPARSE_POINT, windows.ERROR_INVALID_FUNCTION:
		return syscall.EINVAL
	}
	return errno
}

// nodeErrno is the number that Node gives an error: Windows has none of its
// own, so that they are libuv's.
func nodeErrno(errno syscall.Errno) int {
	for name, number := range map[syscall.Errno]int{
		syscall.ENOENT: -4058, syscall.EEXIST: -4075, syscall.EACCES: -4092, syscall.EPERM: -4048,
		syscall.ENOTDIR: -4052, syscall.EISDIR: -4068, syscall.ENOTEMPTY: -4051, syscall.EINVAL: -4071,
		syscall.ELOOP: -4067, syscall.ENAMETOOLONG: -4064, syscall.ENOSPC: -4055, syscall.EROFS: -4047,
		syscall.EXDEV: -4037, syscall.EBUSY: -4082, syscall.EMFILE: -4066, syscall.EIO: -4070,
	} {
		if name == errno {
			return number
		}
	}
	return -4094 // UNKNOWN
}
