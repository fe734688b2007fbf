package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// condition is what scripts can ask for in brackets, beside testscript's own:
// root, who may mount.
func condition(name string) (bool, error) {
	if name == "root" {
		return os.Getuid() == 0, nil
	}
	return false, fmt.Errorf("condition %q is not known", name)
}

// tinyDisk DIRECTORY makes a directory with a disk of its own, of 64 KiB. It wants
// root on Linux.
func tinyDisk(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o755))
	if output, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", dir).CombinedOutput(); err != nil {
		testOf(ts).Skipf("no disk can be mounted here: %v %s", err, output)
	}
	ts.Defer(func() { _ = exec.Command("umount", "-l", dir).Run() })
}

// fillDisk DIRECTORY writes a file named full into it until nothing more fits.
func fillDisk(ts *testscript.TestScript, _ bool, args []string) {
	file, err := os.Create(filepath.Join(ts.MkAbs(args[0]), "full"))
	ts.Check(err)
	defer func() { _ = file.Close() }()
	_, err = io.Copy(file, io.LimitReader(zeros{}, 1<<20))
	if err == nil {
		ts.Fatalf("the disk is not full after 1 MiB")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
