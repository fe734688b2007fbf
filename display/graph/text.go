package graph

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/miniboss/miniboss/runtime/spec"
)

// width is how many columns the text may take.
const width = 100

// Text draws the graph for people: a tree from each service on which nothing
// depends down to what it needs, and the steps in which the services start.
func Text(group string, g *spec.Graph) string {
	var b strings.Builder
	names := g.Names()
	fmt.Fprintf(&b, "%s: %s\n", group, count(len(names), "service"))
	if len(names) == 0 {
		return b.String()
	}
	b.WriteString("\n")
	t := tree{out: &b, graph: g, drawn: map[string]bool{}}
	for _, name := range names {
		if len(g.Dependants(name)) == 0 {
			t.draw(name, "", "")
		}
	}
	steps(&b, g)
	return b.String()
}

// tree draws services with what they depend on below them.
type tree struct {
	out   *strings.Builder
	graph *spec.Graph
	drawn map[string]bool
}

// draw writes a service after the given prefix, and what it depends on with
// the prefix of the lines below it. What was drawn with all it needs is not
// drawn so again: in a graph where much is shared that would have no end.
func (t *tree) draw(name, prefix, below string) {
	needs := t.graph.Service(name).DependsOn
	if t.drawn[name] && len(needs) > 0 {
		fmt.Fprintf(t.out, "%s%s (see above)\n", prefix, name)
		return
	}
	t.drawn[name] = true
	fmt.Fprintf(t.out, "%s%s\n", prefix, name)
	for i, need := range needs {
		if i == len(needs)-1 {
			t.draw(need, below+"└── ", below+"    ")
		} else {
			t.draw(need, below+"├── ", below+"│   ")
		}
	}
}

// steps writes which services can start at once, which after those, and so on.
func steps(b *strings.Builder, g *spec.Graph) {
	layers := layersOf(g)
	if len(layers) == 1 {
		if len(layers[0]) > 1 {
			b.WriteString("\nNone depends on another: all start side by side.\n")
		}
		return
	}
	b.WriteString("\nStart order, those on a line side by side:\n")
	digits := len(fmt.Sprint(len(layers)))
	for i, names := range layers {
		line := fmt.Sprintf("  %*d ", digits, i+1)
		margin := len(line)
		used := margin
		for j, name := range names {
			if j < len(names)-1 {
				name += ","
			}
			if used > margin && used+1+utf8.RuneCountInString(name) > width {
				line += "\n" + strings.Repeat(" ", margin)
				used = margin
			}
			line += " " + name
			used += 1 + utf8.RuneCountInString(name)
		}
		b.WriteString(line + "\n")
	}
}

// layersOf puts every service one layer above the highest of those it depends
// on. Within a layer they are in the order of the file.
func layersOf(g *spec.Graph) [][]string {
	depth := map[string]int{}
	var layers [][]string
	for _, name := range g.WithDependencies(g.Names()...) {
		for _, need := range g.Service(name).DependsOn {
			depth[name] = max(depth[name], depth[need]+1)
		}
	}
	for _, name := range g.Names() {
		for len(layers) <= depth[name] {
			layers = append(layers, nil)
		}
		layers[depth[name]] = append(layers[depth[name]], name)
	}
	return layers
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
