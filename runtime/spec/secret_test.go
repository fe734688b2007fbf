package spec

import (
	"testing"
)

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
		{Change{"env.POSTGRES_PASSWORD", "one", "two"}, "env.POSTGRES_PASSWORD: the hidden value changed"},
		{Change{"env.PASSWORD", "", "two"}, "env.PASSWORD: (not set) → ***"},
		{Change{"env.JWT_SECRET", "a", "b"}, "env.JWT_SECRET: the hidden value changed"},
		{Change{"env.githubToken", "a", "b"}, "env.githubToken: the hidden value changed"},
		{Change{"env.STRIPE_KEY", "a", "b"}, "env.STRIPE_KEY: the hidden value changed"},
		{Change{"env.KEYBOARD", "de", "us"}, "env.KEYBOARD: de → us"},
		{Change{"env.DB_URI", "postgres://me:a@db:5432/x", "postgres://me:b/c@db:5432/x"}, "env.DB_URI: the hidden value changed"},
		{Change{"env.REDIS", "redis://:a@cache", "redis://cache:6379"}, "env.REDIS: redis://:***@cache → redis://cache:6379"},
		{Change{"cmd", `["serve","--password=a","--port=1"]`, `["serve","--db-password","b c"]`}, `cmd: ["serve","--password=***","--port=1"] → ["serve","--db-password","***"]`},
		{Change{"cmd", `["sh","-c","psql --password 'a b' postgres://me:c@db/x"]`, `["-e","DB_PASSWORD=a b","-e","A=<&>"]`}, `cmd: ["sh","-c","psql --password '***' postgres://me:***@db/x"] → ["-e","DB_PASSWORD=***","-e","A=<&>"]`},
		{Change{"cmd", `["a", "--token"]`, `["--token","-v",["x"],null]`}, `cmd: ["a", "--token"] → ["--token","***",["x"],null]`},
		{Change{"env.CONFIG", `{"token":"abc","n":1}`, "user=me password=x host=y"}, `env.CONFIG: {"n":1,"token":"***"} → user=me password=*** host=y`},
		{Change{"env.CONFIG", `{"db": {"user": "me", "password": ""}}`, `{"db":{"hosts":["amqp://u:p@h"],"password":7}}`}, `env.CONFIG: {"db": {"user": "me", "password": ""}} → {"db":{"hosts":["amqp://u:***@h"],"password":"***"}}`},
		{Change{"env.DSN", "me:a@tcp(db:3306)/x", "user=me password='a b' host=y"}, "env.DSN: me:***@tcp(db:3306)/x → user=me password='***' host=y"},
		{Change{"env.JDBC", "jdbc:mysql://db/x?user=me&password=a", "Server=db;Password=a;Port=1"}, "env.JDBC: jdbc:mysql://db/x?user=me&password=*** → Server=db;Password=***;Port=1"},
		{Change{"env.HEADER", "Authorization: Bearer abcdef.ghi", "Basic YWJjOmRlZg=="}, "env.HEADER: Authorization: *** *** → Basic ***"},
		{Change{"env.STORE", "AccountName=a;AccountKey=b==;E=c", "x"}, "env.STORE: AccountName=a;AccountKey=***;E=c → x"},
		{Change{"image", "registry:5000/app:1@sha256:00ff", "registry:5000/app:2"}, "image: registry:5000/app:1@sha256:00ff → registry:5000/app:2"},
		{Change{"volumes./data", "shop_data", "/srv/data ro"}, "volumes./data: shop_data → /srv/data ro"},
		{Change{"extraHosts", `["a:10.0.0.1"]`, `["a:10.0.0.2"]`}, `extraHosts: ["a:10.0.0.1"] → ["a:10.0.0.2"]`},
		{Change{"ports.5432/tcp", "5432", "5433"}, "ports.5432/tcp: 5432 → 5433"},
	} {
		same(t, test.change.Field, test.change.Masked().String(), test.want)
	}
}

func TestHidePasswords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                 "",
		"://":                              "://",
		"no such host":                     "no such host",
		"connect localhost:80@x: refused":  "connect localhost:80@x: refused",
		"postgres://me:tiger@db:5432/x":    "postgres://me:***@db:5432/x",
		"(postgres://me:tiger@db), again":  "(postgres://me:***@db), again",
		`url "redis://:tiger@c/0" is bad`:  `url "redis://:***@c/0" is bad`,
		"postgres://me:ti@ger@db/x":        "postgres://me:***@db/x",
		"postgres://me:ti/g?e#r@db/x":      "postgres://me:***@db/x",
		"postgres://me:12/34@db/x":         "postgres://me:12/34@db/x", // a host and a port, for all that can be told
		"postgres://me@db/x":               "postgres://me@db/x",
		"ssh://git@host/x":                 "ssh://git@host/x",
		"https://ghp_tiger@github.com/a/b": "https://***@github.com/a/b",
		"https://me:tiger@host/a@b":        "https://me:***@host/a@b",
		"http://localhost:80/users/a@b.c":  "http://localhost:80/users/a@b.c",
		"http://[::1]:80/users/a@b.c":      "http://[::1]:80/users/a@b.c",
		"http://h/?access_token=tiger&b=c": "http://h/?access_token=***&b=c",
		"http://h/?b=c&api_key=tiger#d":    "http://h/?b=c&api_key=***#d",
		"amqp://a:tiger@x,amqp://b:lion@y": "amqp://a:***@x,amqp://b:***@y",
		"mongodb://a:tiger@x:1,y:2/db":     "mongodb://a:***@x:1,y:2/db",
		"http://h/?to=http://a:tiger@h/":   "http://h/?to=http://a:***@h/",
		"a\npostgres://me:tiger@db\nb:c@d": "a\npostgres://me:***@db\nb:c@d",
		"at file:///home/me/x@1/a.js:1:2":  "at file:///home/me/x@1/a.js:1:2",
	} {
		same(t, text, HidePasswords(text), want)
		same(t, text+", again", HidePasswords(want), want)
	}
}

func TestHideInSource(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`env = { POSTGRES_USER: "dbuser", POSTGRES_PASSWORD: "dbpwd", N: 1 };`: `env = { POSTGRES_USER: "dbuser", POSTGRES_PASSWORD: "***", N: 1 };`,
		`"db-password": 'a\'b', x: 'c'`:                                        `"db-password": '***', x: 'c'`,
		"const token = `a${b}c` + d;":                                          "const token = `***` + d;",
		"const token = await getToken();":                                      "const token = await getToken();",
		`this.env["API_KEY"] = "abc"; cmd = "x";`:                              `this.env["API_KEY"] = "***"; cmd = "x";`,
		`return probe.sql("postgres://dbuser:dbpwd@localhost/x");`:             `return probe.sql("postgres://dbuser:***@localhost/x");`,
		`password: "cut o`:                                                     `password: "***"`,
		`TOKEN: ["a"], X: ["b"]`:                                               `TOKEN: ["***"], X: ["b"]`,
		`cmd = "serve --db-password tiger --port 80"`:                          `cmd = "serve --db-password *** --port 80"`,
		`cmd = ["--token", "tiger", "--port", "80", "--api-key=x"]`:            `cmd = ["--token", "***", "--port", "80", "--api-key=***"]`,
		"i--; token = x":                                                       "i--; token = x",
	} {
		same(t, line, HideInSource(line), want)
	}
}
