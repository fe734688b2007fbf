package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/miniboss/miniboss/internal/enginetest"
)

func labelsOf(ts *testscript.TestScript, service string) map[string]string {
	var inspect struct {
		Config struct{ Labels map[string]string }
	}
	ts.Check(enginetest.API(testOf(ts)).Do(context.Background(), http.MethodGet, "/containers/"+idOf(ts, service)+"/json", nil, nil, &inspect))
	return inspect.Config.Labels
}

// labels SERVICE prints the labels of the service's container, sorted.
func labels(ts *testscript.TestScript, _ bool, args []string) {
	found := labelsOf(ts, args[0])
	out := ts.Stdout()
	for _, name := range slices.Sorted(maps.Keys(found)) {
		_, _ = fmt.Fprintf(out, "%s=%s\n", name, found[name])
	}
}

// key-id SERVICE VARIABLE sets a variable to the id of the key that the service's
// definition was hashed with.
func keyID(ts *testscript.TestScript, _ bool, args []string) {
	id, _, _ := strings.Cut(labelsOf(ts, args[0])["miniboss.hash"], ":")
	ts.Setenv(args[1], id)
}

// no-guess SERVICE FILE checks that no label tells a hash of the create request in
// the file, which anyone can make who guesses what is in it.
func noGuess(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	var request map[string]any
	ts.Check(json.Unmarshal(text, &request))
	guesses := []any{request}
	for _, part := range request {
		guesses = append(guesses, part)
	}
	for _, entry := range request["Config"].(map[string]any)["Env"].([]any) {
		_, value, _ := strings.Cut(entry.(string), "=")
		guesses = append(guesses, entry, value)
	}
	texts := [][]byte{text}
	for _, guess := range guesses {
		canonical, err := json.Marshal(guess)
		ts.Check(err)
		texts = append(texts, canonical)
		if plain, isText := guess.(string); isText {
			texts = append(texts, []byte(plain))
		}
	}
	for name, value := range labelsOf(ts, args[0]) {
		for _, text := range texts {
			// Eight bytes are enough to try passwords on.
			if sum := sha256.Sum256(text); strings.Contains(value, hex.EncodeToString(sum[:8])) {
				ts.Fatalf("label %s=%s holds the hash of %s", name, value, text)
			}
		}
	}
}
