package graph

import (
	"fmt"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

// Mermaid writes the graph as a Mermaid flowchart, which GitHub and GitLab show
// in Markdown. An arrow points to what a service depends on.
func Mermaid(g *spec.Graph) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	// Ids of our own: a service may have the name of one of Mermaid's words.
	ids := map[string]string{}
	for i, name := range g.Names() {
		ids[name] = fmt.Sprintf("s%d", i+1)
		fmt.Fprintf(&b, "  %s[\"%s\"]\n", ids[name], mermaidText(name))
	}
	for _, name := range g.Names() {
		for _, need := range g.Service(name).DependsOn {
			fmt.Fprintf(&b, "  %s --> %s\n", ids[name], ids[need])
		}
	}
	return b.String()
}

func mermaidText(s string) string {
	return strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "\n", " ").Replace(s)
}

// Dot writes the graph in Graphviz's language. An arrow points to what a
// service depends on.
func Dot(group string, g *spec.Graph) string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n", dotText(group))
	b.WriteString("  rankdir=LR;\n")
	b.WriteString("  node [shape=box, style=rounded, fontname=\"Helvetica\"];\n")
	for _, name := range g.Names() {
		fmt.Fprintf(&b, "  %s;\n", dotText(name))
	}
	for _, name := range g.Names() {
		for _, need := range g.Service(name).DependsOn {
			fmt.Fprintf(&b, "  %s -> %s;\n", dotText(name), dotText(need))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

// dotText quotes a text. A backslash would begin one of Graphviz's escapes.
func dotText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(s) + `"`
}
