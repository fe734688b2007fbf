package timeline

import (
	"encoding/json"
	"time"

	"github.com/miniboss/miniboss/runtime"
)

type jsonTimeline struct {
	Group        string        `json:"group"`
	Began        time.Time     `json:"began"`
	Seconds      float64       `json:"seconds"`
	Services     []jsonService `json:"services"`
	CriticalPath []jsonLink    `json:"criticalPath"`
	Slowest      string        `json:"slowest"`
}

type jsonService struct {
	Service string        `json:"service"`
	Outcome runtime.Phase `json:"outcome"`
	After   string        `json:"after,omitempty"`
	Phases  []jsonPhase   `json:"phases"`
}

type jsonPhase struct {
	Phase    runtime.Phase `json:"phase"`
	From     float64       `json:"from"`
	To       float64       `json:"to"`
	Critical bool          `json:"critical"`
}

type jsonLink struct {
	Service string  `json:"service"`
	From    float64 `json:"from"`
	To      float64 `json:"to"`
}

// JSON returns the timeline as one JSON document. Times are seconds from the
// beginning.
func (t Timeline) JSON() string {
	out := jsonTimeline{Group: t.Group, Began: t.Began, Seconds: seconds(t.Total), Slowest: t.Slowest(),
		Services: []jsonService{}, CriticalPath: []jsonLink{}}
	for _, b := range t.Bars {
		s := jsonService{Service: b.Service, Outcome: b.Outcome, After: b.After, Phases: []jsonPhase{}}
		for _, g := range b.Segments {
			s.Phases = append(s.Phases, jsonPhase{g.Phase, seconds(g.From), seconds(g.To), g.Critical})
		}
		out.Services = append(out.Services, s)
	}
	for _, l := range t.Critical {
		out.CriticalPath = append(out.CriticalPath, jsonLink{l.Service, seconds(l.From), seconds(l.To)})
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		panic(err) // there is nothing in it that JSON cannot hold
	}
	return string(text) + "\n"
}

// seconds rounds to milliseconds.
func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }
