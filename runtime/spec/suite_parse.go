package spec

import (
	"slices"
	"strings"
)

// ParseSuite is ParseDefinition for the fields of a suite. tests are the names
// of its test methods.
func ParseSuite(fields map[string]any, tests []string, dir string, stage Stage) (SuiteDefinition, []Problem) {
	p := &parser{stage: stage, dir: dir, fields: settleTemplates(fields, stage)}
	for _, test := range tests {
		delete(p.fields, test) // no slip of another name
	}
	s := SuiteDefinition{InContainer: p.given("image")}
	p.def.Name = p.name()
	p.missing()
	p.references("services", "an array of service names or of exported service classes")
	p.references("dependencies", "an array of suite names or of exported suite classes")
	s.Timeout = p.seconds("timeout")
	known := slices.Concat(suiteFieldNames(), suiteHookNames())
	switch {
	case s.InContainer:
		p.suiteContainer()
		p.shellSyntax(fields)
		p.notOfSuites(known)
		if len(tests) > 0 {
			p.problems = append(p.problems, Problem{Field: tests[0], Found: "a test method in a suite with an image",
				Accepted: "either an image or test methods",
				Hint:     "split it into two suites; one can depend on the other"})
		}
	default:
		p.needImage()
		// The names of the other fields are the user's own here.
		known = append(suiteHookNames(), "name", "services", "dependencies", "timeout", "image")
		if len(tests) == 0 {
			p.problems = append(p.problems, Problem{Found: "no tests", Accepted: "methods whose names start with test, or an image",
				Hint: "add a test: testIt() { … }"})
		}
	}
	p.nearMisses(known, suiteOtherNames())
	s.Definition = p.finish()
	return s, p.problems
}

// suiteContainer reads what says how a suite's container is made.
func (p *parser) suiteContainer() {
	d := &p.def
	d.Image = p.image()
	d.Entrypoint = p.words("entrypoint")
	d.Cmd = p.words("cmd")
	d.User = p.text("user", nil)
	d.WorkingDir = p.text("workingDir", nil)
	d.Env = p.env()
	d.Volumes = p.volumes()
}

// needImage notes fields that surely lack an image. env and user may well be
// the user's own: the one that the tests log in with.
func (p *parser) needImage() {
	for _, field := range []string{"entrypoint", "cmd", "workingDir", "volumes"} {
		if p.given(field) {
			p.problems = append(p.problems, Problem{Field: field, Found: describeIn(field, p.fields[field]) + " without image",
				Accepted: "this field only together with image"})
		}
	}
}

// notOfSuites notes fields of services: they would do nothing.
func (p *parser) notOfSuites(known []string) {
	for _, field := range append(fieldNames(), hookNames()...) {
		if p.given(field) && !slices.Contains(known, field) && suiteOtherNames()[field] == "" {
			p.problems = append(p.problems, Problem{Field: field, Found: "a service field, which suites do not have",
				Accepted: strings.Join(known, ", ")})
		}
	}
}

// Parse makes the definition of a suite that was evaluated again: the graph was built
// on its name and its kind. dir is that of the file.
func (s *Suite) Parse(fields map[string]any, dir string, stage Stage) (SuiteDefinition, error) {
	d, problems := ParseSuite(fields, s.Tests, dir, stage)
	if len(problems) > 0 {
		return SuiteDefinition{}, s.Problems(problems)
	}
	if d.InContainer != s.Loaded.InContainer {
		return SuiteDefinition{}, s.Problems([]Problem{{Field: "image", Found: "a different kind of suite than when the file was loaded",
			Accepted: "an image either always or never"}})
	}
	d.Name = s.Name // the graph was built on it
	return d, nil
}

// Problems makes an error of what is wrong with the suite's fields.
func (s *Suite) Problems(problems []Problem) error {
	for i := range problems {
		problems[i].Class = s.Class
		problems[i].Pos = s.FieldPos(problems[i].Field)
	}
	return &DefinitionError{Problems: problems}
}
