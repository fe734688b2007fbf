package js

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestEndlessClass has loops in what is evaluated of a class. The mark stands
// before the loop, or before what it does.
func TestEndlessClass(t *testing.T) {
	t.Parallel()
	const service = "import { Service } from \"miniboss\";\nexport class A extends Service {\n  name = \"a\"; image = \"i\";\n"
	for _, c := range []struct{ name, who, source string }{
		{"getter", `the field env of service "a"`, service + `
  get env() { §while (true) {} }
}`},
		{"getter that works", `the field env of service "a"`, service + `
  get env() {
    let n = 1;
    while (true) { §n++; }
  }
}`},
		{"getter of the name", `the field name of class A`, `
import { Service } from "miniboss";
export class A extends Service {
  image = "i";
  get name() { §for (;;); }
}`},
		{"getter of a hook", `the field ping of service "a"`, service + `
  get ping() { §while (true) {} }
}`},
		{"getter that no field is", `the field mine of service "a"`, service + `
  get mine() { §while (true) {} }
}`},
		{"getter in a value", `the field env of service "a"`, service + `
  env = { get KEY() { §while (true) {} } };
}`},
		{"getter of another class", `the field env of service "a"`, service + `
  get env() { return { KEY: new B().key }; }
}
class B {
  get key() { §while (true) {} }
}`},
		{"getter of another service, in a field", `the constructor of class B`, service + `
  get slow() { if (B.made) §while (true) {} return 1; }
}
export class B extends Service {
  name = "b"; image = "i";
  static made = false;
  env = { KEY: (B.made = true, new A().slow) };
}`},
		{"static getter", `the constructor of class A`, service + `
  static get port() { §while (true) {} }
  ports = { 80: A.port };
}`},
		{"static field", `the file`, service + `
  static port = (() => { §while (true) {} })();
}`},
		{"field", `the constructor of class A`, service + `
  env = { KEY: spin() };
}
function spin() { §for (;;) {} }`},
		{"trap get", `the field env of service "a"`, service + `
  env = new Proxy({ KEY: 1 }, { get(target, key) { §while (true) {} } });
}`},
		{"trap ownKeys", `the field env of service "a"`, service + `
  env = new Proxy({ KEY: 1 }, { ownKeys() { §while (true) {} } });
}`},
		{"suite", `the field env of suite "a"`, `
import { Suite } from "miniboss";
export class A extends Suite {
  name = "a";
  get env() { §while (true) {} }
}`},
		{"at its turn", `the field env of service "a"`, service + `
  get env() {
    if (A.loaded) §while (true) {}
    A.loaded = true;
    return {};
  }
}`},
		{"in another service's hook", `the postStart of service "a"`, service + `
  async postStart() { B.armed = true; new B().slow; }
}
export class B extends Service {
  name = "b"; image = "i";
  get slow() { if (B.armed) §while (true) {} }
}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			sources, want := writeMarked(t, dir, "miniboss.js", c.source)
			tr := &transcript{limit: 500 * time.Millisecond}
			f, err := Load(t.Context(), tr.options(dir, "miniboss.js"))
			if err == nil {
				defer f.Close()
				s := f.Services[0]
				if _, err = s.Evaluate(t.Context()); err == nil {
					err = s.Hooks.PostStart(t.Context())
				}
			}
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			message := c.who + " ran for 500ms without giving way: an endless loop? (" + want + ")"
			if e.Error() != message || e.Pos.String() != want {
				t.Errorf("%s: %s\n%s\nwant\n%s", e.Pos, e, e.Detail(), message)
			}
			if line := strings.Split(sources["miniboss.js"], "\n")[e.Pos.Line-1]; e.Line != line {
				t.Errorf("line %q, want %q", e.Line, line)
			}
		})
	}
}
