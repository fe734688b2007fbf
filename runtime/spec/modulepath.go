package spec

import (
	"fmt"
	"os"
	"path/filepath"
)

// ModuleHint helps where a path that is not there would be, if it were relative
// to the module that defines the class and not to the service file: it says so,
// and what to write. Else it returns "".
func ModuleHint(path, serviceFile, module string) string {
	dir, moduleDir := filepath.Dir(serviceFile), filepath.Dir(module)
	relative, err := filepath.Rel(dir, path)
	if err != nil || module == "" || moduleDir == dir {
		return ""
	}
	if _, err := os.Stat(filepath.Join(moduleDir, relative)); err != nil {
		return ""
	}
	return fmt.Sprintf("paths are relative to %s, but this one exists next to %s: write path.join(import.meta.dirname, %q) and import path from \"node:path\"",
		filepath.Base(serviceFile), filepath.Base(module), filepath.ToSlash(relative))
}
