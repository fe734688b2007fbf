// Package graph draws the services of a file and who depends on whom: as text,
// as Mermaid, as Graphviz's dot, and as SVG with a layout of its own, so that
// no other program is needed to see it.
//
// Every drawing of the same file is the same, to the byte.
package graph
