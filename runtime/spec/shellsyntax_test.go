package spec

import "testing"

func TestShellSyntax(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		// What only a shell can do.
		"a && b":                   `error cmd is not run by a shell: write cmd = ["sh", "-c", "a && b"]`,
		"a&&b":                     `error cmd is not run by a shell: write cmd = ["sh", "-c", "a&&b"]`,
		"a || b":                   `error cmd is not run by a shell: write cmd = ["sh", "-c", "a || b"]`,
		"cat x | grep y":           `error cmd is not run by a shell: write cmd = ["sh", "-c", "cat x | grep y"]`,
		"cd /app; npm start":       `error cmd is not run by a shell: write cmd = ["sh", "-c", "cd /app; npm start"]`,
		"a ; b":                    `error cmd is not run by a shell: write cmd = ["sh", "-c", "a ; b"]`,
		"server &":                 `error cmd is not run by a shell: write cmd = ["sh", "-c", "server &"]`,
		"echo x > /tmp/y":          `error cmd is not run by a shell: write cmd = ["sh", "-c", "echo x > /tmp/y"]`,
		"echo x >>/tmp/y":          `error cmd is not run by a shell: write cmd = ["sh", "-c", "echo x >>/tmp/y"]`,
		"server 2>&1":              `error cmd is not run by a shell: write cmd = ["sh", "-c", "server 2>&1"]`,
		"psql < seed.sql":          `error cmd is not run by a shell: write cmd = ["sh", "-c", "psql < seed.sql"]`,
		"echo $HOME":               `error cmd is not run by a shell: write cmd = ["sh", "-c", "echo $HOME"]`,
		"serve --port=$PORT":       `error cmd is not run by a shell: write cmd = ["sh", "-c", "serve --port=$PORT"]`,
		"serve ${{PORT}}":          `error cmd is not run by a shell: write cmd = ["sh", "-c", "serve ${{PORT}}"]`,
		"echo $(date)":             `error cmd is not run by a shell: write cmd = ["sh", "-c", "echo $(date)"]`,
		"echo `date`":              "error cmd is not run by a shell: write cmd = [\"sh\", \"-c\", \"echo `date`\"]",
		`echo "a b" && c`:          `error cmd is not run by a shell: write cmd = ["sh", "-c", "echo \"a b\" && c"]`,
		"sh -c cd /app && npm run": `error cmd is not run by a shell: write cmd = ["sh", "-c", "cd /app && npm run"]`,
		"wait {host} && npm start": `error cmd is not run by a shell: write cmd = ["sh", "-c", "wait {host} && npm start"]`,
		"/bin/bash -lc npm i || x": `error cmd is not run by a shell: write cmd = ["sh", "-c", "npm i || x"]`,
		"a\n&& b":                  `error cmd is not run by a shell: write cmd = ["sh", "-c", "a\n&& b"]`,
		// What may be, or not.
		"ls src/*.js":     `warning cmd is not run by a shell, so the program gets a literal src/*.js: write cmd = ["sh", "-c", "ls src/*.js"], or quote it`,
		"ls *":            `warning cmd is not run by a shell, so the program gets a literal *: write cmd = ["sh", "-c", "ls *"], or quote it`,
		`echo "at $HOME"`: `warning cmd is not run by a shell, so the program gets a literal $HOME: write cmd = ["sh", "-c", "echo \"at $HOME\""], or quote it`,
		"run --db=a;b":    `warning cmd is not run by a shell, so the program gets a literal --db=a;b: write cmd = ["sh", "-c", "run --db=a;b"], or quote it`,
		// What is right.
		"npm start":                                "",
		`sh -c "a && b; c > d | e $HOME *"`:        "",
		`sh -c 'a && b; c > d | e $HOME *'`:        "",
		`bash -ec "echo $HOME"`:                    "",
		`echo '&&' '|' ';' '>' '$HOME' '*'`:        "",
		`echo \&\& \| \; \> \$HOME \*`:             "",
		`echo "&&" "|" ">"`:                        "",
		"curl http://x/?a=1&b=2":                   "",
		"serve --cors=* --origin *":                "",
		"serve --web.cors.origin=.*":               "",
		"htpasswd admin $2y$10$abcdefgh":           "",
		`mongosh --eval "db.a.update({$set: {}})"`: "",
		`awk '{print $NF}'`:                        "",
		`mysql -e "select 1; select 2"`:            "",
		"find . -name '*.js' -exec cat {} +":       "",
		"":                                         "",
	} {
		fields := with(object{"cmd": written})
		_, problems := ParseDefinition(fields, "/", AtLoad)
		got := ""
		for _, p := range problems {
			if p.Message != "" {
				got += "error " + p.Message
			}
		}
		for _, p := range Warnings(fields) {
			got += "warning " + p.Message
		}
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", written, got, want)
		}
	}
	// A shell that is the entrypoint needs no other one.
	_, problems := ParseDefinition(with(object{"entrypoint": array{"/bin/sh", "-c"}, "cmd": "a && b"}), "/", AtLoad)
	if len(problems) != 1 || problems[0].Message != `cmd is not run by a shell: write cmd = ["a && b"]` {
		t.Errorf("%v", problems)
	}
	// A list is what it is, and what came from outside is data.
	fields := with(object{"cmd": array{"echo", "&&", "$HOME", "*"}, "entrypoint": Template{{Written: "echo "}, {Written: "'{x}'", Path: "x"}}})
	if _, problems := ParseDefinition(fields, "/", AtLoad); len(problems)+len(Warnings(fields)) > 0 {
		t.Errorf("%v %v", problems, Warnings(fields))
	}
	if warnings := Warnings(object{"sync": object{"src/": "/src"}}); len(warnings) != 1 || warnings[0].Field != "sync" {
		t.Errorf("%v", warnings)
	}
}
