package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/miniboss/miniboss/js"
	"github.com/miniboss/miniboss/runtime/spec"
)

// explain formats an error for people: what failed, where in the user's file
// with the line of the source, why, and what to do. Nothing secret is in it,
// whoever had something to say.
func (a *app) explain(err error) string { return a.hide(explained(err)) }

// hide returns a text without the passwords of URLs, and without the values of
// the definitions that are secret.
func (a *app) hide(text string) string { return a.secrets.Hide(spec.HidePasswords(text)) }

func explained(err error) string {
	var definition *spec.DefinitionError
	if errors.As(err, &definition) {
		prefix := strings.TrimSuffix(err.Error(), definition.Error())
		return prefix + explainDefinition(definition)
	}
	var build *js.BuildError
	if errors.As(err, &build) {
		parts := make([]string, len(build.Errors))
		for i, e := range build.Errors {
			parts[i] = withDetail(e.Error(), e)
		}
		return strings.Join(parts, "\n")
	}
	text := err.Error()
	var script *js.Error
	if errors.As(err, &script) {
		text = withDetail(text, script)
	}
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		text += "\n  hint: " + hinted.Hint()
	}
	return text
}

func withDetail(message string, e *js.Error) string {
	if detail := e.Detail(); detail != "" {
		return message + "\n" + detail
	}
	return message
}

// explainDefinition lists every problem with its place.
func explainDefinition(e *spec.DefinitionError) string {
	var b strings.Builder
	if len(e.Problems) == 1 {
		b.WriteString("a mistake in the definitions")
	} else {
		fmt.Fprintf(&b, "%d mistakes in the definitions", len(e.Problems))
	}
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n\n%s", p)
		if p.Pos.File != "" {
			fmt.Fprintf(&b, "\n  at %s", p.Pos)
			if line := js.SourceLine(p.Pos); line != "" {
				b.WriteString("\n" + strings.TrimSuffix(js.Excerpt(p.Pos, line), "\n"))
			}
		}
		if p.Hint != "" {
			fmt.Fprintf(&b, "\n  hint: %s", p.Hint)
		}
	}
	return b.String()
}

// explainWarning formats a warning with its place.
func explainWarning(w js.Warning) string {
	text := fmt.Sprintf("%s\n  at %s", w.Message, w.Pos)
	if w.Line != "" {
		text += "\n" + strings.TrimSuffix(js.Excerpt(w.Pos, w.Line), "\n")
	}
	return text
}
