package js

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// slugLimit is the most characters of a directory's name that a group's name
// has: a name on a network has at most 63, and others are made of this one.
const slugLimit = 40

// slug makes a group's name of a directory's. Accents are dropped. If other
// letters or digits have to be left out too, such as those of 数据, or if nothing
// is left, a short hash keeps two such directories apart. It is of the name
// alone, so that a directory may be moved.
func slug(dir string) string {
	base := filepath.Base(dir)
	if base == string(filepath.Separator) {
		return "miniboss" // the root has no name
	}
	var out strings.Builder
	lost := false
	// Compatibility forms take ü and ﬁ apart, and make ordinary letters of wide ones.
	for _, r := range norm.NFKD.String(strings.ToLower(norm.NFKC.String(base))) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			out.WriteRune(r)
			continue
		case r >= '\u0300' && r <= '\u036f':
			continue // an accent
		}
		lost = lost || unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark)
		if out.Len() > 0 && !strings.HasSuffix(out.String(), "-") {
			out.WriteByte('-')
		}
	}
	name := strings.TrimRight(out.String(), "-")
	if name == "" {
		name, lost = "miniboss", true
	}
	if len(name) > slugLimit {
		name, lost = strings.TrimRight(name[:slugLimit], "-"), true
	}
	if !lost {
		return name
	}
	// Some systems take letters with accents apart in names, some do not.
	sum := sha256.Sum256([]byte(norm.NFC.String(base)))
	return name + "-" + hex.EncodeToString(sum[:3])
}
