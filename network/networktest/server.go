// Package networktest starts real database servers for tests: on a free port of
// this machine's loopback address, with their data in a directory that is
// removed at the end of the test, and not as root, which they refuse. It also
// gives tests ports of the host.
package networktest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Server is a database server that a test has started.
type Server struct {
	Addr     string // 127.0.0.1:port
	Scheme   string // of its URLs
	User     string // who may do everything
	Password string
	Database string // that is there; for Redis a number

	t       testing.TB
	dir     string
	account string // runs as this user; "": as this process
	command []string
	ready   string // what its log says when it is ready
	running *exec.Cmd
	ended   chan struct{} // closed when running has ended
}

// URL returns the URL of a database, "" for the one that is there.
func (s *Server) URL(database string) string {
	if database == "" {
		database = s.Database
	}
	return fmt.Sprintf("%s://%s:%s@%s/%s", s.Scheme, s.User, s.Password, s.Addr, database)
}

// newServer prepares a directory and a port. The test fails where program is
// not installed.
func newServer(t testing.TB, account, debianPackage, program string, directories ...string) (*Server, string) {
	t.Helper()
	path := find(program, directories)
	if path == "" {
		t.Fatalf("%s is not installed: this test needs the Debian package %s (or the like)", program, debianPackage)
	}
	dir, err := os.MkdirTemp("", "miniboss-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &Server{t: t, dir: dir, Password: "s3cret-p4ss"}
	if os.Getuid() == 0 {
		s.account = account
		u, err := user.Lookup(account)
		if err != nil {
			t.Fatalf("the user %s of the Debian package %s is missing: %v", account, debianPackage, err)
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	s.Addr = fmt.Sprintf("127.0.0.1:%d", FreePort(t))
	t.Cleanup(s.Kill)
	return s, path
}

func find(program string, directories []string) string {
	for _, pattern := range directories {
		found, _ := filepath.Glob(filepath.Join(pattern, program))
		slices.Sort(found)
		if len(found) > 0 {
			return found[len(found)-1]
		}
	}
	path, _ := exec.LookPath(program)
	return path
}

func (s *Server) port() string {
	_, port, _ := net.SplitHostPort(s.Addr)
	return port
}

// cmd makes a command that runs as the server's user.
func (s *Server) cmd(args ...string) *exec.Cmd {
	if s.account != "" {
		args = append([]string{"setpriv", "--reuid", s.account, "--regid", s.account, "--clear-groups"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "HOME="+s.dir, "LC_ALL=C.UTF-8")
	return cmd
}

// prepare runs a command to its end.
func (s *Server) prepare(args ...string) {
	s.t.Helper()
	if out, err := s.cmd(args...).CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", args[0], err, out)
	}
}

// Start starts the server and returns when it is ready.
func (s *Server) Start() {
	s.t.Helper()
	ready := s.Launch()
	select {
	case <-ready:
	case <-s.ended:
		s.t.Fatalf("%s ended before it was ready", s.command[0])
	case <-time.After(time.Minute):
		s.t.Fatalf("%s was not ready within a minute", s.command[0])
	}
}

// Launch starts the server. The channel is closed when it is ready.
func (s *Server) Launch() <-chan struct{} {
	s.t.Helper()
	cmd := s.cmd(s.command...)
	r, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.running, s.ended = cmd, make(chan struct{})
	ready := make(chan struct{})
	go func() {
		isReady := false
		for lines := bufio.NewScanner(r); lines.Scan(); {
			if !isReady && strings.Contains(lines.Text(), s.ready) {
				isReady = true
				close(ready)
			}
		}
	}()
	go func(ended chan struct{}) {
		_ = cmd.Wait()
		_ = w.Close()
		close(ended)
	}(s.ended)
	return ready
}

// Kill ends the server at once, as a crash would. It may be started again.
func (s *Server) Kill() {
	if s.running == nil {
		return
	}
	_ = s.running.Process.Kill()
	<-s.ended
	s.running = nil
}
