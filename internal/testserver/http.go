package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// about is what GET / answers: what the container was given.
type about struct {
	Env      map[string]string `json:"env"`
	Args     []string          `json:"args"`
	Hostname string            `json:"hostname"`
	UID      int               `json:"uid"`
	GID      int               `json:"gid"`
	Cwd      string            `json:"cwd"`
}

func whoAmI() about {
	a := about{Env: map[string]string{}, Args: os.Args[1:], UID: os.Getuid(), GID: os.Getgid()}
	for _, entry := range os.Environ() {
		key, value, _ := strings.Cut(entry, "=")
		a.Env[key] = value
	}
	a.Hostname, _ = os.Hostname()
	a.Cwd, _ = os.Getwd()
	return a
}

// listenHTTP serves:
//
//	GET  /               what the container was given, as JSON
//	GET  /health         200, or 503 as the flags say
//	GET  /file?path=P    the content of a file
//	PUT  /file?path=P    writes the body to a file and makes its directory
//	POST /exit           ends the process, with the code of -exit
//	GET  /get?url=U      the answer of another server, such as a neighbour
//	GET  /lookup?host=H  the addresses of a name
//	any  /echo           the request's method, headers and body, as JSON
func listenHTTP(o options) {
	started := time.Now()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { answer(w, whoAmI()) })
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) {
		if o.unhealthy || time.Since(started) < o.healthyAfter {
			http.Error(w, "not well", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "well\n")
	})
	mux.HandleFunc("GET /file", func(w http.ResponseWriter, r *http.Request) {
		content, err := os.ReadFile(r.FormValue("path"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		_, _ = w.Write(content)
	})
	mux.HandleFunc("PUT /file", func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		path := r.URL.Query().Get("path")
		if err == nil {
			err = os.MkdirAll(filepath.Dir(path), 0o755)
		}
		if err == nil {
			err = os.WriteFile(path, content, 0o644)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.HandleFunc("POST /exit", func(http.ResponseWriter, *http.Request) { exit(o.exit) })
	mux.HandleFunc("GET /get", func(w http.ResponseWriter, r *http.Request) {
		found, err := http.Get(r.FormValue("url"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		defer func() { _ = found.Body.Close() }()
		w.WriteHeader(found.StatusCode)
		_, _ = io.Copy(w, found.Body)
	})
	mux.HandleFunc("GET /lookup", func(w http.ResponseWriter, r *http.Request) {
		addresses, err := net.LookupHost(r.FormValue("host"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		answer(w, addresses)
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answer(w, map[string]any{"method": r.Method, "headers": r.Header, "body": string(body)})
	})
	server := http.Server{Addr: o.http, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	check(server.ListenAndServe())
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func echo(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_, _ = io.Copy(conn, conn)
}
