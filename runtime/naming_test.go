package runtime

import (
	"math/rand/v2"
	"regexp"
	"testing"
)

// Two pairs of group and service (or volume) that differ have names that
// differ, also with the suffixes of containers that are not ready: else one
// group would meet the other's containers.
func TestFullNamesNeverCollide(t *testing.T) {
	t.Parallel()
	type pair struct{ group, name string }
	words := func(first, rest string, longest int) []string {
		all := []string{}
		level := []string{}
		for _, c := range first {
			level = append(level, string(c))
		}
		for range longest {
			all = append(all, level...)
			var next []string
			for _, w := range level {
				for _, c := range rest {
					next = append(next, w+string(c))
				}
			}
			level = next
		}
		return all
	}
	groups := words("ab", "a_-.", 4)
	names := words("ab", "a_-", 4) // a volume's name may have underscores, a service's may not
	seen := map[string]pair{}
	for _, group := range groups {
		for _, name := range names {
			p := pair{group, name}
			for _, suffix := range []string{"", suffixNew, suffixAgain, suffixFailed} {
				full := fullName(group, name) + suffix
				if other, taken := seen[full]; taken {
					t.Fatalf("%v and %v are both %s", other, p, full)
				}
				seen[full] = p
			}
		}
	}
}

var aName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

func FuzzFullName(f *testing.F) {
	f.Add("a", "b-c", "a-b", "c")
	f.Add("a_b", "c", "a", "b_c")
	f.Add("x", "a", "x2", "a")
	f.Add("a_", "b", "a", "b")
	f.Fuzz(func(t *testing.T, group1, name1, group2, name2 string) {
		if !aName.MatchString(name1) || !aName.MatchString(name2) {
			t.Skip("no name")
		}
		same := group1 == group2 && name1 == name2
		if (fullName(group1, name1) == fullName(group2, name2)) != same {
			t.Errorf("%q %q and %q %q: %q and %q", group1, name1, group2, name2, fullName(group1, name1), fullName(group2, name2))
		}
	})
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, test := range [][2]string{
		{fullName("shop", "web"), "shop_web"},
		{fullName("a_b", "c"), "a__b_c"},
		{fullName("a", "b_c"), "a_b_c"},
		{NetworkName("shop"), "miniboss-shop"},
	} {
		if test[0] != test[1] {
			t.Errorf("got %s, want %s", test[0], test[1])
		}
	}
}

// randomWord is for properties; its source is fixed, so that a failure comes
// again.
func randomWord(source *rand.Rand, letters string, longest int) string {
	word := make([]byte, source.IntN(longest+1))
	for i := range word {
		word[i] = letters[source.IntN(len(letters))]
	}
	return string(word)
}

func TestFullNamesOfRandomPairs(t *testing.T) {
	t.Parallel()
	source := rand.New(rand.NewPCG(1, 2))
	seen := map[string][2]string{}
	for range 20000 {
		pair := [2]string{"g" + randomWord(source, "g_", 12), "g" + randomWord(source, "g_", 12)}
		full := fullName(pair[0], pair[1])
		if other, taken := seen[full]; taken && other != pair {
			t.Fatalf("%q and %q are both %s", other, pair, full)
		}
		seen[full] = pair
	}
}
