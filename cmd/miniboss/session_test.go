package main

import (
	"os"
	"path/filepath"
	"testing"
)

// Two addresses of one socket are one engine, whose locks have one name.
func TestSameAddress(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	run, socket := filepath.Join(dir, "run"), filepath.Join(dir, "run", "docker.sock")
	if err := os.Mkdir(run, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(socket, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"var": "run", "my.sock": socket, "dead.sock": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	for host, want := range map[string]string{
		"unix://" + socket:                      "unix://" + socket,
		"unix://" + dir + "/var/docker.sock":    "unix://" + socket,
		"unix://" + dir + "//run/./docker.sock": "unix://" + socket,
		"unix://" + dir + "/my.sock":            "unix://" + socket,
		"unix://" + dir + "/dead.sock":          "unix://" + dir + "/dead.sock",
		"unix://" + dir + "/missing.sock":       "unix://" + dir + "/missing.sock",
		"tcp://localhost:2375":                  "tcp://localhost:2375",
		"ssh://me@there":                        "ssh://me@there",
		"npipe:////./pipe/docker_engine":        "npipe:////./pipe/docker_engine",
		"":                                      "",
	} {
		if got := sameAddress(host); got != want {
			t.Errorf("%s is %s, want %s", host, got, want)
		}
	}
}
