package display

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/miniboss/miniboss/internal/lazyregexp"
	"github.com/miniboss/miniboss/runtime"
)

// image is an image that is being pulled or built.
type image struct {
	phase runtime.Phase
	name  string
	since time.Time

	layers map[string]*layer // of a pull, by id
	shown  float64           // how far it is; never goes back

	stages map[string]*stage // of a build, by name
	step   string            // what the build does now
}

// layer is a part of an image that is pulled.
type layer struct {
	downloaded, extracted float64 // from 0 to 1
	size                  int64   // bytes; 0: not known yet
	there                 bool    // was there before
}

// stage is a part of a Dockerfile.
type stage struct{ done, total int }

func newImage(phase runtime.Phase, name string, now time.Time) *image {
	// "todo:dev (not found locally)": the reason is for those who read lines.
	name, _, _ = strings.Cut(name, " (")
	return &image{phase: phase, name: name, since: now, layers: map[string]*layer{}, stages: map[string]*stage{}}
}

func (i *image) add(p runtime.Progress) {
	if i.phase == runtime.PhaseBuilding {
		i.addStep(p)
		return
	}
	if p.Step == "" {
		return // "Status: Downloaded newer image"
	}
	l := i.layers[p.Step]
	if l == nil {
		l = &layer{}
		i.layers[p.Step] = l
	}
	part := 0.0
	if p.Total > 0 {
		part = float64(p.Current) / float64(p.Total)
	}
	switch p.Text {
	case "Downloading":
		l.size, l.downloaded = max(l.size, p.Total), part
	case "Verifying Checksum", "Download complete":
		l.downloaded = 1
	case "Extracting":
		l.downloaded, l.extracted = 1, part
	case "Pull complete":
		l.downloaded, l.extracted = 1, 1
	case "Already exists":
		l.there = true
	}
	i.shown = max(i.shown, i.part())
}

// unpacking is how much of the time of a layer goes into extracting it, roughly.
const unpacking = 0.25

// part tells how far a pull is. Layers whose size is not known yet count as
// the average of those that are.
func (i *image) part() float64 {
	var sum, known float64
	var n int
	for _, l := range i.layers {
		if l.size > 0 {
			known += float64(l.size)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	var all float64
	for _, l := range i.layers {
		if l.there {
			continue
		}
		size := float64(l.size)
		if size == 0 {
			size = known / float64(n)
		}
		all += size
		sum += size * (l.downloaded*(1-unpacking) + l.extracted*unpacking)
	}
	return sum / all
}

// bytes tells how much of a pull is downloaded, or "".
func (i *image) bytes() string {
	var got, all float64
	for _, l := range i.layers {
		got += float64(l.size) * l.downloaded
		all += float64(l.size)
	}
	if all == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f/%.1f MB", got/1e6, all/1e6)
}

// numbered finds the stage, 2 and 5 in "[build 2/5] RUN make".
var numbered = lazyregexp.New(`^\[(?:([^\]]*) )?(\d+)/(\d+)\] *(.*)$`)

func (i *image) addStep(p runtime.Progress) {
	found := numbered.FindStringSubmatch(p.Step)
	if found == nil {
		return // what the builder does beside the Dockerfile's lines
	}
	number, _ := strconv.Atoi(found[2])
	total, _ := strconv.Atoi(found[3])
	s := i.stages[found[1]]
	if s == nil {
		s = &stage{}
		i.stages[found[1]] = s
	}
	s.total = total
	if p.Text == "done" || p.Text == "cached" {
		s.done = max(s.done, number)
		return
	}
	s.done = max(s.done, number-1)
	i.step = found[4]
}

// steps tells how many of the lines of the Dockerfile are done, and of how many.
func (i *image) steps() (done, total int) {
	for _, s := range i.stages {
		done += s.done
		total += s.total
	}
	return done, total
}
