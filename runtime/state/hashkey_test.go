package state

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const aRequest = `{"Config": {"Image": "x", "Env": ["PASSWORD=tiger"]}, "HostConfig": {}}`

func hashOf(t *testing.T, keys *HashKey, request string) string {
	t.Helper()
	hash, err := keys.Hash([]byte(request))
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// The file is made with the directory, is readable by its owner alone, and is
// the same key for the next command.
func TestKeyFile(t *testing.T) {
	t.Parallel()
	dir, locks := filepath.Join(t.TempDir(), "not", "there"), t.TempDir()
	first := hashOf(t, NewHashKey(dir, locks), aRequest)
	for path, want := range map[string]os.FileMode{dir: 0o700 | os.ModeDir, filepath.Join(dir, "definition.key"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
	}
	if again := hashOf(t, NewHashKey(dir, locks), aRequest); again != first {
		t.Errorf("%s and then %s", first, again)
	}
	if read := hashOf(t, NewHashKey(dir, ""), aRequest); read != first {
		t.Errorf("%s, and only read %s", first, read)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left over: %v %v", entries, err)
	}
}

// TestKeyedHash: whoever knows all of the definition but the password cannot
// find it out by trying.
func TestKeyedHash(t *testing.T) {
	t.Parallel()
	newKey := func() *HashKey { return NewHashKey(t.TempDir(), t.TempDir()) }
	keys := newKey()
	hash := hashOf(t, keys, aRequest)
	id, mac, _ := strings.Cut(hash, ":")
	if len(id) != 12 || len(mac) != 64 {
		t.Errorf("the hash is %s", hash)
	}
	var object any
	if err := json.Unmarshal([]byte(aRequest), &object); err != nil {
		t.Fatal(err)
	}
	canonical, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{aRequest, string(canonical), id + string(canonical), "1-" + string(canonical)} {
		if sum := sha256.Sum256([]byte(text)); strings.Contains(hash, hex.EncodeToString(sum[:16])) {
			t.Errorf("%s holds the hash of %s", hash, text)
		}
		if guess := keyed([]byte(id), text); strings.Contains(hash, guess) {
			t.Errorf("%s is made with its key's id", hash)
		}
	}
	if strings.Contains(hash, hex.EncodeToString(keys.load())) || strings.Contains(hex.EncodeToString(keys.load()), id) {
		t.Errorf("the label %s tells of the key", hash)
	}
	if other := hashOf(t, newKey(), aRequest); other[:12] == id || other[13:] == mac {
		t.Errorf("two keys give %s and %s", hash, other)
	}
	if reordered := hashOf(t, keys, `{"HostConfig":{},"Config":{"Env":["PASSWORD=tiger"],"Image":"x"}}`); reordered != hash {
		t.Errorf("the order of keys counts: %s and %s", hash, reordered)
	}
	if other := hashOf(t, keys, strings.Replace(aRequest, "tiger", "tigers", 1)); other == hash || other[:12] != id {
		t.Errorf("%s and %s", hash, other)
	}
}

// Where no key can be kept there is no hash, and no error. A file that is no key
// is left alone: it may be something else.
func TestWithoutKey(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	readOnly := t.TempDir()
	if err := os.Chmod(readOnly, 0o500); err != nil {
		t.Fatal(err)
	}
	cases := map[string]*HashKey{
		"nil":                      nil,
		"a file for its directory": NewHashKey(filepath.Join(file, "miniboss"), t.TempDir()),
		"no place for locks":       NewHashKey(t.TempDir(), filepath.Join(file, "locks")),
		"only read":                NewHashKey(t.TempDir(), ""),
	}
	if os.Getuid() != 0 {
		cases["read-only"] = NewHashKey(filepath.Join(readOnly, "miniboss"), t.TempDir())
	}
	for name, content := range map[string]string{"empty": "", "short": "0f0f\n", "garbage": "not a key", "cut off": strings.Repeat("0f", keySize)[1:], "too long": strings.Repeat("0f", keySize+1)} {
		keys := NewHashKey(t.TempDir(), t.TempDir())
		if err := os.WriteFile(keys.path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		cases[name] = keys
	}
	for name, keys := range cases {
		if hash := hashOf(t, keys, aRequest); hash != "" {
			t.Errorf("%s: %s", name, hash)
		}
		if _, err := keys.Hash([]byte("{")); err == nil || err.Error() != "create request: unexpected end of JSON input" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(cases["only read"].path); !os.IsNotExist(err) {
		t.Errorf("a key that is only read was made: %v", err)
	}
	if text, err := os.ReadFile(cases["garbage"].path); string(text) != "not a key" {
		t.Errorf("%q %v", text, err)
	}
}

// What a process left that was killed while it wrote the key is in nobody's way.
func TestKeyLeftOver(t *testing.T) {
	t.Parallel()
	keys := NewHashKey(t.TempDir(), t.TempDir())
	if err := os.WriteFile(TemporaryOf(keys.path), []byte("0f"), 0o644); err != nil {
		t.Fatal(err)
	}
	if hash := hashOf(t, keys, aRequest); hash == "" {
		t.Error("no key was made")
	}
	if info, err := os.Stat(keys.path); err != nil || info.Mode() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}

// Several commands that make the key at once end with the same one. Each HashKey is
// a process of its own: they share nothing but the files.
func TestKeyMadeAtOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		dir, locks := t.TempDir(), t.TempDir()
		var all sync.WaitGroup
		hashes := make([]string, 16)
		for i := range hashes {
			keys := NewHashKey(dir, locks)
			all.Go(func() { hashes[i], _ = keys.Hash([]byte(aRequest)) })
		}
		all.Wait()
		for _, hash := range hashes {
			if hash == "" || hash != hashes[0] {
				t.Fatalf("hashes: %q", hashes)
			}
		}
	}
}
