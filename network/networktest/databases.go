package networktest

import (
	"os"
	"path/filepath"
	"testing"
)

// Postgres starts a PostgreSQL server.
func Postgres(t testing.TB) *Server {
	t.Helper()
	s, initdb := newServer(t, "postgres", "postgresql", "initdb", "/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin")
	s.Scheme, s.User, s.Database = "postgres", "admin", "postgres"
	passwords := filepath.Join(s.dir, "password")
	if err := os.WriteFile(passwords, []byte(s.Password), 0o644); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(s.dir, "data")
	s.prepare(initdb, "-D", data, "-U", s.User, "--pwfile", passwords, "--auth", "scram-sha-256", "--no-sync", "-E", "UTF8")
	s.ready = "database system is ready to accept connections"
	s.command = []string{
		filepath.Join(filepath.Dir(initdb), "postgres"), "-D", data, "-h", "127.0.0.1", "-p", s.port(),
		"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "shared_buffers=16MB",
	}
	s.Start()
	return s
}

// MariaDB starts a MariaDB server, which speaks MySQL's protocol.
func MariaDB(t testing.TB) *Server {
	t.Helper()
	s, mariadbd := newServer(t, "mysql", "mariadb-server", "mariadbd", "/usr/sbin")
	install := find("mariadb-install-db", nil)
	s.Scheme, s.User, s.Database = "mysql", "admin", "test"
	data, first := filepath.Join(s.dir, "data"), filepath.Join(s.dir, "first.sql")
	if err := os.WriteFile(first, []byte(
		"CREATE DATABASE IF NOT EXISTS test;\n"+
			"CREATE USER IF NOT EXISTS admin@'127.0.0.1' IDENTIFIED BY '"+s.Password+"';\n"+
			"GRANT ALL ON *.* TO admin@'127.0.0.1';\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.prepare(install, "--no-defaults", "--datadir="+data, "--skip-test-db", "--auth-root-authentication-method=normal")
	s.ready = "ready for connections"
	s.command = []string{
		mariadbd, "--no-defaults", "--datadir=" + data, "--bind-address=127.0.0.1", "--port=" + s.port(),
		"--socket=" + filepath.Join(s.dir, "socket"), "--init-file=" + first, "--skip-name-resolve",
		"--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0", "--pid-file=" + filepath.Join(s.dir, "pid"),
	}
	s.Start()
	return s
}

// Redis starts a Redis server.
func Redis(t testing.TB) *Server {
	t.Helper()
	s, path := newServer(t, "redis", "redis-server", "redis-server")
	s.Scheme, s.User, s.Database = "redis", "default", "0"
	s.ready = "Ready to accept connections"
	s.command = []string{
		path, "--port", s.port(), "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--requirepass", s.Password,
	}
	s.Start()
	return s
}
