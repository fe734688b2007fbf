package timeline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime"
)

// critical walks back from the service that was done last to what it waited
// for, and so on: a shorter start needs one of these to be faster.
func critical(tracks map[string]*track, order []string, bars []Bar) []Link {
	var last *track
	for _, name := range order {
		if k := tracks[name]; k.end >= 0 && k.outcome != runtime.PhaseSkipped && (last == nil || k.end > last.end) {
			last = k
		}
	}
	var path []Link
	seen := map[string]bool{}
	for k := last; k != nil && !seen[k.name]; {
		seen[k.name] = true
		to := k.end
		if len(path) > 0 {
			to = k.up
		}
		by, released := k.release(tracks)
		from := released
		if image := k.awaitedImage(released); image != nil && image.From < released {
			from, by = image.From, "" // its image came later than the services
		}
		if by == "" && from == 0 {
			from = begin(bars, k.name)
		}
		path = append(path, Link{Service: k.name, From: from, To: to})
		k = tracks[by]
	}
	slices.Reverse(path)
	return path
}

// awaitedImage returns the pull or the build that ended after the dependencies
// were ready.
func (k *track) awaitedImage(released time.Duration) *Segment {
	for i := range k.images {
		if k.images[i].To > released {
			return &k.images[i]
		}
	}
	return nil
}

func begin(bars []Bar, service string) time.Duration {
	for _, b := range bars {
		if b.Service == service && len(b.Segments) > 0 {
			return b.Segments[0].From
		}
	}
	return 0
}

// mark tells the segments of the critical path.
func (t *Timeline) mark() {
	for _, link := range t.Critical {
		for i := range t.Bars {
			if t.Bars[i].Service != link.Service {
				continue
			}
			for j := range t.Bars[i].Segments {
				s := &t.Bars[i].Segments[j]
				s.Critical = s.Phase != runtime.PhaseWaiting && s.To > link.From && s.From < link.To
			}
		}
	}
}

// WorthTelling is how long a start takes whose slowest link is named.
const WorthTelling = 5 * time.Second

// Slowest names the critical path and what took longest on it: "appdb → todo,
// 6.1 s of which appdb pinged 4.2 s". It is "" where nothing happened.
func (t Timeline) Slowest() string {
	if len(t.Critical) == 0 {
		return ""
	}
	names := make([]string, len(t.Critical))
	for i, link := range t.Critical {
		names[i] = link.Service
	}
	if len(names) > 6 {
		names = slices.Concat(names[:3], []string{"…"}, names[len(names)-2:])
	}
	text := strings.Join(names, " → ") + ", " + short(t.Critical[len(t.Critical)-1].To)
	var longest Segment
	var service string
	for _, link := range t.Critical {
		for _, b := range t.Bars {
			if b.Service != link.Service {
				continue
			}
			for _, s := range b.Segments {
				if s.Critical && s.To-s.From > longest.To-longest.From {
					longest, service = s, b.Service
				}
			}
		}
	}
	if service == "" {
		return text
	}
	return text + " of which " + fmt.Sprintf(taking(longest.Phase), service, short(longest.To-longest.From))
}

// taking says how long a service (the first %s) did something.
func taking(p runtime.Phase) string {
	switch p {
	case runtime.PhasePinging:
		return "%s pinged %s"
	case runtime.PhasePulling:
		return "pulling the image of %s took %s"
	case runtime.PhaseBuilding:
		return "building the image of %s took %s"
	case runtime.PhasePreStart, runtime.PhasePostStart, runtime.PhasePreStop, runtime.PhasePostStop:
		return string(p) + " of %s took %s"
	}
	return string(p) + " %s took %s"
}

func short(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
