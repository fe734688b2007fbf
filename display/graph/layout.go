package graph

import (
	"cmp"
	"math"
	"slices"

	"github.com/miniboss/miniboss/runtime/spec"
)

// point is a service on its way through the layout, or a place where an edge
// that spans several layers passes one of them: such edges then find their way
// between the boxes like anything else.
type point struct {
	name  string // "": an edge passes here
	layer int    // 0 holds the services that depend on nothing
	place int    // in the layer, from the top
	y     float64
	size  float64 // height of what is drawn here
	up    []*point
	down  []*point // in the layer below; toward what is depended on
}

// edge is a dependency with all points that it passes, both ends included.
type edge []*point

// layout is the services in layers, ordered so that few edges cross.
type layout struct {
	layers [][]*point
	edges  []edge
}

const (
	boxHeight = 48.0
	boxSpace  = 20.0 // between two boxes of a layer
	passSize  = 4.0  // what an edge takes that passes a layer
	rounds    = 12   // of ordering: more find nothing better in graphs of this kind
	settling  = 60   // rounds of aligning, until nothing moves that one would see
)

func newLayout(g *spec.Graph) *layout {
	l := &layout{}
	points := map[string]*point{}
	for depth, names := range layersOf(g) {
		l.layers = append(l.layers, nil)
		for _, name := range names {
			points[name] = l.add(&point{name: name, layer: depth, size: boxHeight})
		}
	}
	for _, name := range g.Names() {
		for _, need := range g.Service(name).DependsOn {
			l.edges = append(l.edges, l.connect(points[name], points[need]))
		}
	}
	l.order()
	l.align()
	return l
}

func (l *layout) add(p *point) *point {
	p.place = len(l.layers[p.layer])
	l.layers[p.layer] = append(l.layers[p.layer], p)
	return p
}

func (l *layout) connect(from, to *point) edge {
	e := edge{from}
	for layer := from.layer - 1; layer > to.layer; layer-- {
		e = append(e, l.add(&point{layer: layer, size: passSize}))
	}
	e = append(e, to)
	for i := range e[1:] {
		e[i].down = append(e[i].down, e[i+1])
		e[i+1].up = append(e[i+1].up, e[i])
	}
	return e
}

// order sorts each layer by where the neighbours of its points are, to and fro,
// and keeps the order that had the fewest crossings.
func (l *layout) order() {
	best, fewest := l.places(), l.crossings()
	for round := 0; round < rounds && fewest > 0; round++ {
		if round%2 == 0 {
			for layer := len(l.layers) - 2; layer >= 0; layer-- {
				l.sort(layer, func(p *point) []*point { return p.up })
			}
		} else {
			for layer := 1; layer < len(l.layers); layer++ {
				l.sort(layer, func(p *point) []*point { return p.down })
			}
		}
		if n := l.crossings(); n < fewest {
			best, fewest = l.places(), n
		}
	}
	for i, layer := range best {
		l.layers[i] = layer
		number(layer)
	}
}

func (l *layout) places() [][]*point {
	var layers [][]*point
	for _, layer := range l.layers {
		layers = append(layers, slices.Clone(layer))
	}
	return layers
}

func number(layer []*point) {
	for i, p := range layer {
		p.place = i
	}
}

// sort orders a layer by the mean place of each point's neighbours. A point
// without any stays where it is: the others are sorted around it.
func (l *layout) sort(index int, neighbours func(*point) []*point) {
	layer := l.layers[index]
	mean := map[*point]float64{}
	var moving []*point
	for _, p := range layer {
		near := neighbours(p)
		if len(near) == 0 {
			continue
		}
		for _, n := range near {
			mean[p] += float64(n.place) / float64(len(near))
		}
		moving = append(moving, p)
	}
	slices.SortStableFunc(moving, func(a, b *point) int { return cmp.Compare(mean[a], mean[b]) })
	next := 0
	for i, p := range layer {
		if len(neighbours(p)) > 0 {
			layer[i] = moving[next]
			next++
		}
	}
	number(layer)
}

// crossings counts how often two lines between neighbouring layers cross.
func (l *layout) crossings() int {
	n := 0
	for _, layer := range l.layers {
		var passed []int // the ends of the lines of the points above
		for _, p := range layer {
			for _, d := range p.down {
				for _, place := range passed {
					if place > d.place {
						n++
					}
				}
			}
			for _, d := range p.down {
				passed = append(passed, d.place)
			}
		}
	}
	return n
}

// align gives every point its height on the page: as near to its neighbours as
// the order and the space between two points allow.
func (l *layout) align() {
	for _, layer := range l.layers {
		stack(layer, func(*point) float64 { return 0 })
	}
	for round := range settling {
		for i := range l.layers {
			layer := l.layers[i]
			if round%2 == 0 {
				layer = l.layers[len(l.layers)-1-i]
			}
			stack(layer, amidNeighbours)
		}
	}
	top := math.Inf(1)
	for _, layer := range l.layers {
		top = min(top, layer[0].y-layer[0].size/2)
	}
	for _, layer := range l.layers {
		for _, p := range layer {
			p.y -= top
		}
	}
}

// amidNeighbours returns the height at which a point would be amid its
// neighbours. Where an edge passes, the next place where it passes counts most,
// so that it goes straight there.
func amidNeighbours(p *point) float64 {
	sum, weights := 0.0, 0.0
	for _, n := range slices.Concat(p.up, p.down) {
		weight := 1.0
		if p.name == "" && n.name == "" {
			weight = 8
		}
		sum += n.y * weight
		weights += weight
	}
	if weights == 0 {
		return p.y
	}
	return sum / weights
}

// stack puts each point of a layer as near as can be to where it wants to be,
// measured by the squares of the distances. Points that would overlap form a
// block, which goes to the mean of what its members want.
func stack(layer []*point, wanted func(*point) float64) {
	type block struct {
		first, count int
		mean, weight float64
	}
	// How far each point is below the first one when all are close together.
	// Without that distance a wish is the place of the first one.
	offset := make([]float64, len(layer))
	var blocks []block
	for i, p := range layer {
		if i > 0 {
			offset[i] = offset[i-1] + (layer[i-1].size+p.size)/2 + boxSpace
		}
		// A line that is straight matters more than a box in the middle.
		weight := 1.0
		if p.name == "" {
			weight = 4
		}
		blocks = append(blocks, block{i, 1, wanted(p) - offset[i], weight})
		for len(blocks) > 1 && blocks[len(blocks)-2].mean > blocks[len(blocks)-1].mean {
			a, b := blocks[len(blocks)-2], blocks[len(blocks)-1]
			weight := a.weight + b.weight
			blocks = append(blocks[:len(blocks)-2], block{a.first, a.count + b.count, (a.mean*a.weight + b.mean*b.weight) / weight, weight})
		}
	}
	for _, b := range blocks {
		for i := b.first; i < b.first+b.count; i++ {
			layer[i].y = b.mean + offset[i]
		}
	}
}
