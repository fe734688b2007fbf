package runtime

import "testing"

func TestMaskedChange(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		change Change
		want   string
	}{
		{Change{"env.COLOUR", "red", "blue"}, "env.COLOUR: red → blue"},
		{Change{"env.NEW", "", "1"}, "env.NEW: (not set) → 1"},
		{Change{"env.EMPTY", `""`, ""}, `env.EMPTY: "" → (not set)`},
		{Change{"env.TEXT", "a\nb", "a"}, `env.TEXT: "a\nb" → a`},
		{Change{"env.POSTGRES_PASSWORD", "one", "two"}, "env.POSTGRES_PASSWORD: *** → ***"},
		{Change{"env.PASSWORD", "", "two"}, "env.PASSWORD: (not set) → ***"},
		{Change{"env.JWT_SECRET", "a", "b"}, "env.JWT_SECRET: *** → ***"},
		{Change{"env.githubToken", "a", "b"}, "env.githubToken: *** → ***"},
		{Change{"env.STRIPE_KEY", "a", "b"}, "env.STRIPE_KEY: *** → ***"},
		{Change{"env.KEYBOARD", "de", "us"}, "env.KEYBOARD: de → us"},
		{Change{"env.DB_URI", "postgres://me:a@db:5432/x", "postgres://me:b/c@db:5432/x"}, "env.DB_URI: postgres://me:***@db:5432/x → postgres://me:***@db:5432/x"},
		{Change{"env.REDIS", "redis://:a@cache", "redis://cache:6379"}, "env.REDIS: redis://:***@cache → redis://cache:6379"},
		{Change{"cmd", `["serve","--password=a","--port=1"]`, `["serve","--db-password","b c"]`}, `cmd: ["serve","--password=***","--port=1"] → ["serve","--db-password","*** c"]`},
		{Change{"env.CONFIG", `{"token":"abc","n":1}`, "user=me password=x host=y"}, `env.CONFIG: {"token":"***","n":1} → user=me password=*** host=y`},
		{Change{"ports.5432/tcp", "5432", "5433"}, "ports.5432/tcp: 5432 → 5433"},
	} {
		same(t, test.change.Field, test.change.Masked().String(), test.want)
	}
}
