package main

import (
	"fmt"
	"strings"

	"github.com/miniboss/miniboss/typings"
)

// referenceConfig is the configuration that init writes beside one which only
// refers to others.
const referenceConfig = "tsconfig.miniboss.json"

// configPlan is what init does so that the editor and the compiler look at the
// service file and know the typings.
type configPlan struct {
	write, content string   // the configuration to write, if it is not there
	list           string   // the list of the existing configuration to add to
	add            []string // what to add there, as JSON
	hint           string   // what is left to the user
	alone          bool     // no configuration covers the file, so it names the typings itself
	besideNode     bool     // the compiler reads Node's types too
}

// planConfig says what to do with the configuration that is there, or nil.
func planConfig(existing *editorConfig, dir, service string, starter typings.Starter) configPlan {
	if existing == nil {
		return configPlan{write: starter.ConfigName, content: starter.Config}
	}
	if existing.isSolution() {
		plan := configPlan{write: referenceConfig, content: starter.Referenced()}
		if !existing.refersTo(referenceConfig) {
			plan.refer(existing)
		}
		return plan
	}
	plan := configPlan{besideNode: existing.readsNodeTypes(dir)}
	for _, name := range []string{service, typings.FileName} {
		if !existing.covers(name) {
			plan.add = append(plan.add, fmt.Sprintf("%q", name))
		}
	}
	switch {
	case len(plan.add) == 0:
	case existing.canInclude(service):
		plan.list = "include"
	case strings.HasSuffix(service, "ts"):
		plan.alone = true
		plan.hint = fmt.Sprintf(`add to "include" in %s: %s`, existing.name, strings.Join(plan.add, ", "))
	default:
		plan.alone = true
	}
	return plan
}

// refer adds a reference to the configuration of ours.
func (p *configPlan) refer(existing *editorConfig) {
	reference := fmt.Sprintf(`{ "path": "./%s" }`, referenceConfig)
	if _, _, _, err := findList(strictJSON(existing.text), "references"); err != nil {
		p.hint = fmt.Sprintf(`add to %s: "references": [%s]`, existing.name, reference)
		return
	}
	p.list, p.add = "references", []string{reference}
}
