package runtime

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestRewriteAddresses(t *testing.T) {
	t.Parallel()
	services := []string{"appdb", "db", "web", "queue", "host.docker.internal"}
	published := map[string]string{
		"appdb 5432": "localhost:5433", "db 3306": "localhost:3307", "db 6379": "localhost:6380", "db 27017": "localhost:27018",
		"web 80": "localhost:8080", "web 443": "localhost:8443", "web 3000": "127.0.0.2:3001", "queue 5672": "[::1]:5673",
		"host.docker.internal 9000": "localhost:9000",
	}
	for text, want := range map[string]string{
		"appdb:5432": "localhost:5433",
		"postgres://dbuser:dbpwd@appdb:5432/appdb":   "postgres://dbuser:dbpwd@localhost:5433/appdb",
		"postgres://dbuser:dbpwd@appdb/appdb":        "postgres://dbuser:dbpwd@localhost:5433/appdb",
		"postgresql+asyncpg://u@appdb":               "postgresql+asyncpg://u@localhost:5433",
		"jdbc:mysql://db/x":                          "jdbc:mysql://localhost:3307/x",
		"REDIS://db":                                 "REDIS://localhost:6380",
		"mongodb://u:p@db,db:27017,other/x?a=web:80": "mongodb://u:p@localhost:27018,localhost:27018,other/x?a=localhost:8080",
		"http://web":                                 "http://localhost:8080",
		"https://web/?to=http://web/#web":            "https://localhost:8443/?to=http://localhost:8080/#web",
		"ws://web:3000/socket":                       "ws://127.0.0.2:3001/socket",
		"amqp://queue//":                             "amqp://[::1]:5673//",
		"user:pw@tcp(db:3306)/app":                   "user:pw@tcp(localhost:3307)/app",
		"appdb:5432,db:3306;web:80 web:443":          "localhost:5433,localhost:3307;localhost:8080 localhost:8443",
		`{"db":"appdb:5432","to":["http://web"]}`:    `{"db":"localhost:5433","to":["http://localhost:8080"]}`,
		"host=appdb:5432":                            "host=localhost:5433",
		"PLAINTEXT://appdb:5432":                     "PLAINTEXT://localhost:5433",
		"//appdb:5432/x":                             "//localhost:5433/x",
		"see appdb:5432.":                            "see localhost:5433.",
		"appdb:5432:name:user:pw":                    "localhost:5433:name:user:pw",
		"http://host.docker.internal:9000/":          "http://localhost:9000/",
		"postgres://u:p#w@appdb:5432/x":              "postgres://u:p#w@localhost:5433/x",
		"first\nappdb:5432\n":                        "first\nlocalhost:5433\n",

		// These stay.
		"my-appdb:5432": "", "appdb:54321": "", "appdb:5432x": "", "appdb:5432.5": "", "appdb:05432": "", "appdb:": "", "appdb:0": "",
		"appdb.example.com": "", "appdb.example.com:5432": "", "http://appdb.example.com:5432": "", "http://my.appdb:5432": "",
		"xappdb:5432": "", "appdb_2:5432": "", "_appdb:5432": "", "äappdb:5432": "", "appdb": "", "/appdb": "", "APPDB:5432": "",
		"redis://appdb:5432@cache:6379": "", "redis://u:appdb@cache": "", "redis://appdb@cache": "", "user:appdb:5432": "",
		"registry/appdb:5432": "", "/var/lib/appdb:5432": "", "http%3A%2F%2Fappdb%3A5432": "", "%2Fappdb:5432": "",
		"https://example.com/appdb:5432": "", "xyz://web": "", "mongodb+srv://db/x": "", "nobody:5432": "", "": "", "://": "",
		"http://web.": "", "appdb:99999": "", "$appdb:5432": "", "C:\\appdb:5432": "",
	} {
		if want == "" {
			want = text
		}
		got := rewriteAddresses(text, services, func(service string, port int, _ string) (string, bool) {
			address, ok := published[service+" "+strconv.Itoa(port)]
			return address, ok
		})
		if got != want {
			t.Errorf("%s\n became %s\n not    %s", text, got, want)
		}
	}
}

var serviceName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// FuzzRewriteAddresses: nothing outside of addresses changes, and what was
// rewritten is not found again.
func FuzzRewriteAddresses(f *testing.F) {
	for _, seed := range []string{"appdb:5432", "postgres://a:b@appdb/x", "http://appdb,appdb:80@appdb:5432", "a://b://appdb@://"} {
		f.Add(seed, "appdb")
	}
	f.Fuzz(func(t *testing.T, text, service string) {
		if !serviceName.MatchString(service) || strings.Contains(text, "<") {
			return
		}
		var found []string
		got := rewriteAddresses(text, []string{service}, func(name string, port int, _ string) (string, bool) {
			if name != service || port < 0 || port > 65535 {
				t.Fatalf("%q:%d", name, port)
			}
			found = append(found, name)
			return "<>", true
		})
		parts := strings.Split(got, "<>")
		if len(parts)-1 != len(found) {
			t.Fatalf("%q: %d of %d are in %q", text, len(parts)-1, len(found), got)
		}
		rest := text
		for i, part := range parts {
			if i > 0 {
				if !strings.HasPrefix(rest, service) {
					t.Fatalf("%q became %q", text, got)
				}
				rest = strings.TrimPrefix(rest, service)
				if end, _, ok := portAt(rest, 0); ok {
					rest = rest[end:]
				}
			}
			if !strings.HasPrefix(rest, part) {
				t.Fatalf("%q became %q", text, got)
			}
			rest = rest[len(part):]
		}
		again := rewriteAddresses(text, []string{service}, func(string, int, string) (string, bool) { return "", false })
		if again != text {
			t.Fatalf("%q became %q though nothing was found", text, again)
		}
	})
}
