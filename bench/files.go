package main

import (
	"fmt"
	"strings"

	"github.com/miniboss/miniboss/bench/collection"
)

// miniFile is the collection as a user of miniboss writes it.
func miniFile(c collection.Collection) string {
	var b strings.Builder
	fmt.Fprintf(&b, "import { Service, groupName, probe } from \"miniboss\";\ngroupName(%q);\n", c.Group)
	for _, s := range c.Services {
		fmt.Fprintf(&b, "\nexport class %s extends Service {\n  name = %q;\n  image = %q;\n", strings.ToUpper(s.Name), s.Name, c.Image)
		if len(s.DependsOn) > 0 {
			fmt.Fprintf(&b, "  dependencies = [%s];\n", strings.ToUpper(strings.Join(s.DependsOn, ", ")))
		}
		if s.Port != 0 {
			fmt.Fprintf(&b, "  cmd = %q;\n  ports = { 8080: %d };\n  ping() { return probe.http(\"http://localhost:%d/health\"); }\n",
				strings.Join(s.Cmd(), " "), s.Port, s.Port)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// composeFile is the same for Compose. It can only ask from within the
// container; an interval below 0.1 s would keep the engine busy with that.
func composeFile(c collection.Collection) string {
	var b strings.Builder
	fmt.Fprintf(&b, "name: %s\nservices:\n", c.Group)
	for _, s := range c.Services {
		fmt.Fprintf(&b, "  %s:\n    image: %s\n    hostname: %s\n", s.Name, c.Image, s.Name)
		condition := "service_started"
		if s.Port != 0 {
			condition = "service_healthy"
			fmt.Fprintf(&b, "    command: %q\n    ports: [\"%d:8080\"]\n", s.Cmd(), s.Port)
			b.WriteString("    healthcheck: {test: [CMD, /testserver, health], interval: 100ms, retries: 100}\n")
		}
		if len(s.DependsOn) > 0 {
			b.WriteString("    depends_on:\n")
		}
		for _, d := range s.DependsOn {
			fmt.Fprintf(&b, "      %s: {condition: %s}\n", d, condition)
		}
	}
	return strings.ReplaceAll(b.String(), `" "`, `", "`)
}
