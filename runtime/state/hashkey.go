package state

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// HashKey is the key of this user under which definitions are hashed: anyone who
// may ask the engine reads the hash on a container, and without a key could try
// a short password until the hash is the same. The key is made when it is first
// needed. Without one, as with a nil HashKey, definitions have no hash, and
// containers are compared with them field by field instead. It may be used by
// several goroutines and processes at once.
type HashKey struct {
	path  string
	locks string // "": it is only read

	once sync.Once
	key  []byte // nil: there is none
}

// keySize is the size of the key in bytes.
const keySize = 32

// NewHashKey returns the key that is kept in a directory, which is made where it
// is missing, and locked in the directory of locks (see TakeLock) while the key
// is made. Where locks is "", a key that is missing is not made. Nothing is read
// or written yet.
func NewHashKey(dir, locks string) *HashKey {
	return &HashKey{path: filepath.Join(dir, "definition.key"), locks: locks}
}

// Hash returns the hash of a create request: the id of the key, a colon and the
// HMAC-SHA256 under it. It is the same for requests that mean the same: the
// order of keys does not count. It is "" where there is no key.
func (k *HashKey) Hash(request []byte) (string, error) {
	var object any
	if err := json.Unmarshal(request, &object); err != nil {
		return "", fmt.Errorf("create request: %w", err)
	}
	canonical, err := json.Marshal(object)
	if err != nil {
		return "", fmt.Errorf("create request: %w", err)
	}
	key := k.load()
	if key == nil {
		return "", nil
	}
	return keyed(key, hashMethod)[:12] + ":" + keyed(key, string(canonical)), nil
}

// hashMethod is part of the key's id: hashes that a later version makes in
// another way do not look like a change by the user.
const hashMethod = "hash of a definition, 2"

func keyed(key []byte, text string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// CompareHashes tells whether two definitions are the same. known is false where
// the hashes do not tell: they were made with different keys, or are missing.
func CompareHashes(a, b string) (same, known bool) {
	keyA, _, keyedA := strings.Cut(a, ":")
	keyB, _, keyedB := strings.Cut(b, ":")
	return a == b, keyedA && keyedB && keyA == keyB
}

// load returns the key; nil: there is none, and none can be made. Why is worth
// no message: all that is lost is the time of the comparison.
func (k *HashKey) load() []byte {
	if k == nil {
		return nil
	}
	k.once.Do(func() {
		key, err := k.read()
		if errors.Is(err, fs.ErrNotExist) && k.locks != "" {
			key, err = k.make()
		}
		if err == nil {
			k.key = key
		}
	})
	return k.key
}

func (k *HashKey) read() ([]byte, error) {
	text, err := os.ReadFile(k.path)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err == nil && len(key) != keySize {
		err = fmt.Errorf("a key of %d bytes", len(key))
	}
	return key, err
}

// make makes the key, unless another process has made it by now.
func (k *HashKey) make() (key []byte, err error) {
	if err := os.MkdirAll(filepath.Dir(k.path), 0o700); err != nil {
		return nil, err
	}
	lock, err := TakeLock(context.Background(), k.locks, "key "+k.path, func() {})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if key, err = k.read(); !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	return key, WriteAtomic(k.path, fmt.Appendf(nil, "%x\n", key))
}
