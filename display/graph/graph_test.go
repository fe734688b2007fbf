package graph

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// graphOf makes a graph of lines such as "api postgres:17 < appdb redis": a
// service, its image, and what it depends on.
func graphOf(t testing.TB, lines ...string) *spec.Graph {
	t.Helper()
	var services []*spec.Service
	for _, line := range lines {
		what, needs, _ := strings.Cut(line, "<")
		name, image, _ := strings.Cut(strings.TrimSpace(what), " ")
		s := &spec.Service{Name: name, Class: name, DependsOn: strings.Fields(needs)}
		s.Loaded.Image = image
		slices.Sort(s.DependsOn)
		services = append(services, s)
	}
	g, problems := spec.NewGraph(services)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return g
}

func examples() map[string][]string {
	return map[string][]string{
		"demo": {
			"appdb miniboss-example-db:dev",
			"api miniboss-example-api:dev < appdb",
			"todo miniboss-example-todo:dev < api",
		},
		"shop": {
			"appdb postgres:17",
			"cache redis:8",
			"mail axllent/mailpit:v1.27",
			"broker rabbitmq:4-management",
			"search registry.example.com/platform/search/opensearch:2.19.1",
			"migrations shop-api:dev < appdb",
			"identity quay.io/keycloak/keycloak:26.3 < appdb",
			"api shop-api:dev < migrations cache broker identity",
			"worker shop-api:dev < migrations broker mail",
			"indexer shop-indexer:dev < broker search",
			"gateway nginx:1.29 < api identity",
			"web shop-web:dev < gateway search",
			"admin shop-admin:dev < gateway",
		},
		"alone": {"appdb postgres:17"},
		"apart": {"appdb postgres:17", "cache redis:8", "mail"},
		"none":  {},
	}
}

func TestDrawings(t *testing.T) {
	t.Parallel()
	for group, lines := range examples() {
		g := graphOf(t, lines...)
		golden(t, group+".txt", Text(group, g))
		golden(t, group+".mmd", Mermaid(g))
		golden(t, group+".dot", Dot(group, g))
		golden(t, group+".svg", SVG(group, g))
		if SVG(group, g) != SVG(group, graphOf(t, lines...)) {
			t.Errorf("%s: two drawings of it differ", group)
		}
	}
}

// golden compares a text with a file, or writes the file with UPDATE_GOLDEN=1.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; UPDATE_GOLDEN=1 writes it. It is now:\n%s", path, got)
	}
}

func TestNamesAreEscaped(t *testing.T) {
	t.Parallel()
	nasty := `a<b>&"'\` + "\x01\xff" + `#--></style>`
	g, problems := spec.NewGraph([]*spec.Service{
		{Name: nasty, Loaded: spec.Definition{Image: "image&<tag>"}},
		{Name: "end", DependsOn: []string{nasty}},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	group := `x"]; evil ` + nasty

	var texts []string
	decoder := xml.NewDecoder(strings.NewReader(SVG(group, g)))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := token.(xml.CharData); ok {
			texts = append(texts, string(data))
		}
	}
	if want := `a<b>&"'\` + "��" + `#--></style>`; !slices.Contains(texts, want) {
		t.Errorf("no text of the picture is %q: %q", want, texts)
	}
	if dot := Dot(group, g); !strings.Contains(dot, `"end" -> "a<b>&\"'\\`) {
		t.Error(dot)
	}
	if mermaid := Mermaid(g); !strings.Contains(mermaid, `s1["a#lt;b#gt;&#quot;'\`) || !strings.Contains(mermaid, "s2 --> s1\n") {
		t.Error(mermaid)
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 1))
		var lines []string
		for i := range 2 + random.IntN(40) {
			line := fmt.Sprintf("s%d <", i)
			for range random.IntN(4) {
				if need := fmt.Sprintf(" s%d", random.IntN(i+1)); i > 0 && !strings.HasSuffix(line, need) && need != fmt.Sprintf(" s%d", i) {
					line += need
				}
			}
			lines = append(lines, line)
		}
		g := graphOf(t, lines...)
		l := newLayout(g)
		for i, layer := range l.layers {
			for j, p := range layer {
				if p.layer != i || p.place != j {
					t.Fatalf("seed %d: %+v is at %d, %d", seed, p, i, j)
				}
				if p.y-p.size/2 < -0.01 {
					t.Errorf("seed %d: %+v is above the page", seed, p)
				}
				if j > 0 && layer[j-1].y+layer[j-1].size/2+boxSpace > p.y-p.size/2+0.01 {
					t.Errorf("seed %d: %+v overlaps %+v", seed, p, layer[j-1])
				}
			}
		}
		for _, e := range l.edges {
			for i := range e[1:] {
				if e[i].layer != e[i+1].layer+1 {
					t.Errorf("seed %d: the edge from %s to %s jumps over a layer", seed, e[0].name, e[len(e)-1].name)
				}
			}
		}
	}
}

// Two chains that begin crossed, and a ladder, can be drawn without crossings.
func TestCrossings(t *testing.T) {
	t.Parallel()
	for _, lines := range [][]string{
		{"a", "b", "c", "x < c", "y < b", "z < a", "p < z", "q < x"},
		{"a", "b < a", "c < a", "d < b", "e < c", "f < e", "g < d"},
	} {
		if n := newLayout(graphOf(t, lines...)).crossings(); n != 0 {
			t.Errorf("%q: %d crossings", lines, n)
		}
	}
}

// A file with a lot of services, much entangled, must not take long, nor must
// its tree: the number of paths in it grows without bound.
func TestManyServices(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 200 {
		line := fmt.Sprintf("service-%03d image:%d <", i, i)
		for j := max(0, i-5); j < i; j++ {
			line += fmt.Sprintf(" service-%03d", j)
		}
		lines = append(lines, line)
	}
	g := graphOf(t, lines...)
	begun := time.Now()
	text := Text("many", g)
	SVG("many", g)
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("took %s", took)
	}
	if n := strings.Count(text, "\n"); n > 1500 {
		t.Errorf("the text has %d lines", n)
	}
	for line := range strings.Lines(Text("wide", graphOf(t, wide()...))) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func wide() []string {
	lines := []string{"last < service-00"}
	for i := range 60 {
		lines = append(lines, fmt.Sprintf("service-%02d", i))
	}
	return lines
}
