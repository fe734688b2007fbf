package js

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// BenchmarkLoad is what a command does before it does anything.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var src strings.Builder
			src.WriteString("import { Service, context, probe } from \"miniboss\";\n")
			for i := range n {
				fmt.Fprintf(&src, `
export class S%d extends Service {
  name = "s%d";
  image = "postgres:17";
  env = { URL: `+"`http://${context.user.id}`"+`, A: "b" };
  ports = { 80: 0 };
  dependencies = [%s];
  async ping() { return true; }
  async postStart() { context.x = 1; }
}
`, i, i, map[bool]string{true: fmt.Sprintf("\"s%d\"", i-1)}[i > 0])
			}
			path := b.TempDir() + "/miniboss.js"
			if err := os.WriteFile(path, []byte(strings.Replace(src.String(), ", probe", "", 1)), 0o644); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				f, err := Load(b.Context(), Options{File: path})
				if err != nil {
					b.Fatal(err)
				}
				f.Close()
			}
		})
	}
}
