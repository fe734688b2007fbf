package main

import (
	"bytes"
	"strings"
	"testing"
)

func picture(t *testing.T, captured string) string {
	t.Helper()
	var out bytes.Buffer
	if err := run([]string{"a < b"}, strings.NewReader(captured), &out); err != nil {
		t.Fatal(err)
	}
	_, drawn, _ := strings.Cut(out.String(), "rx=\"10\"/>\n")
	return drawn
}

func TestPicture(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ captured, want string }{
		"each word where two blanks part it": {"a b  <c>\n", `
<text x="16" y="30" textLength="23.4">a b</text>
<text x="55" y="30" textLength="23.4">&lt;c&gt;</text>`},
		"each line below the last": {"a\n\nb", `
<text x="16" y="30" textLength="7.8">a</text>
<text x="16" y="68" textLength="7.8">b</text>`},
		"colours and weights": {"\x1b[1;31mx\x1b[0m\x1b[2m \x1b[96my\x1b[22;39mz\x1b[m", `
<text x="16" y="30" textLength="7.8" class="c1 s">x</text>
<text x="31.6" y="30" textLength="7.8" class="c6 d">y</text>
<text x="39.4" y="30" textLength="7.8">z</text>`},
		"letters of other fonts alone": {"✔ 日x", `
<text x="19.9" y="30" class="m">✔</text>
<text x="39.4" y="30" class="m">日</text>
<text x="47.2" y="30" textLength="7.8">x</text>`},
		"bars as rectangles": {"\x1b[34m━━\x1b[39;2m───\x1b[m", `
<rect x="16" y="23.5" width="15.6" height="3" class="f c4"/>
<rect x="31.6" y="24.5" width="23.4" height="1" class="f d"/>`},
		"no empty lines at the end": {"a\n  \n\n", `
<text x="16" y="30" textLength="7.8">a</text>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, want := picture(t, test.captured), test.want[1:]+"\n</svg>\n"; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestPictureOfWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	for captured, want := range map[string]string{
		"\x1b[38;5;9mx": `"\x1b[38;5;9m": the attribute 38 is not known`,
		"\x1b[2Jx":      `the sequence "\x1b[2J" is not known`,
		"a\tb":          `the sequence "\t" is not known`,
	} {
		err := run([]string{"title"}, strings.NewReader(captured), &bytes.Buffer{})
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", captured, err, want)
		}
	}
}
