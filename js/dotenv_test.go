package js

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A mistake in a file of variables is told with its line, and without what else
// is in the file.
func TestDotenvMistakes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".env")
	h := &host{}
	for text, want := range map[string]string{
		"A=tiger\nnot a line tiger\nB=tiger\n":          "line 2: a line must be NAME=value, a comment, or empty",
		"\ufeffA=tiger\r\n\r\n# tiger\r\nB-C=tiger\r\n": "line 4: a line must be NAME=value, a comment, or empty",
		"A=1\nexport tiger\n":                           "line 2: a line must be NAME=value, a comment, or empty",
		"A=1\nB=\"tiger\nC=tiger\n":                     "line 2: the quotation mark is not closed",
		"A='tiger":                                      "line 1: the quotation mark is not closed",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := h.dotenv(path)
		if err == nil || err.Error() != "dotenv: "+path+": "+want || strings.Contains(err.Error(), "tiger") {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}
