package docker

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree writes files; a name that ends in / is a directory, a content that
// begins with -> a link.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o755)
		if target, ok := strings.CutPrefix(content, "->"); ok && err == nil {
			err = os.Symlink(target, path)
		} else if strings.HasSuffix(name, "/") && err == nil {
			err = os.MkdirAll(path, 0o755)
		} else if err == nil {
			err = os.WriteFile(path, []byte(content), 0o640)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// sentFiles returns what a build of dir would send: names and contents.
func sentFiles(t *testing.T, dir, dockerfile string, classic bool) map[string]string {
	t.Helper()
	c, err := openContext(dir, dockerfile, classic)
	if err != nil {
		t.Fatal(err)
	}
	archive, sent := c.send()
	files := map[string]string{}
	for reader := tar.NewReader(archive); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(reader)
		if header.Typeflag == tar.TypeSymlink {
			content = []byte("->" + header.Linkname)
		}
		if header.Uid != 0 || header.Gid != 0 || header.Uname != "" {
			t.Errorf("%s belongs to %d:%d %s", header.Name, header.Uid, header.Gid, header.Uname)
		}
		if _, twice := files[header.Name]; twice {
			t.Errorf("%s is there twice", header.Name)
		}
		files[header.Name] = string(content)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	return files
}

func names(files map[string]string) string {
	var list []string
	for name := range files {
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestDockerignore: what docker build sends (Docker's documentation of
// .dockerignore is the source of the rules).
func TestDockerignore(t *testing.T) {
	all := map[string]string{
		"Dockerfile": "FROM scratch", "README.md": "x", "README-secret.md": "x", "a/temp": "x", "a/b/temp": "x", "a/b/keep.go": "x",
		"node_modules/x/index.js": "x", "empty/": "", "tempa": "x", "tempb": "x",
	}
	for ignore, want := range map[string]string{
		"":                        "Dockerfile README-secret.md README.md a/ a/b/ a/b/keep.go a/b/temp a/temp empty/ node_modules/ node_modules/x/ node_modules/x/index.js tempa tempb",
		"# comment\n\n":           "Dockerfile README-secret.md README.md a/ a/b/ a/b/keep.go a/b/temp a/temp empty/ node_modules/ node_modules/x/ node_modules/x/index.js tempa tempb",
		"node_modules":            "Dockerfile README-secret.md README.md a/ a/b/ a/b/keep.go a/b/temp a/temp empty/ tempa tempb",
		"/node_modules/":          "Dockerfile README-secret.md README.md a/ a/b/ a/b/keep.go a/b/temp a/temp empty/ tempa tempb",
		"*/temp\nnode_modules":    "Dockerfile README-secret.md README.md a/ a/b/ a/b/keep.go a/b/temp empty/ tempa tempb",
		"*/*/temp\nnode_modules":  "Dockerfile README-secret.md README.md a/ a/b/ a/b/keep.go a/temp empty/ tempa tempb",
		"**/temp\nnode_modules":   "Dockerfile README-secret.md README.md a/ a/b/ a/b/keep.go empty/ tempa tempb",
		"temp?\nnode_modules\na":  "Dockerfile README-secret.md README.md empty/",
		"*.md\n!README.md\na\nn*": "Dockerfile README.md empty/ tempa tempb",
		"*.md\n!README*.md\nREADME-secret.md\na\nn*\ntemp*": "Dockerfile README.md empty/",
		"*\n!a/b":          "Dockerfile a/ a/b/ a/b/keep.go a/b/temp",
		"*\n!**/*.go":      "Dockerfile a/ a/b/ a/b/keep.go",
		"a\n!a/b/temp\nn*": "Dockerfile README-secret.md README.md a/ a/b/ a/b/temp empty/ tempa tempb",
		"*":                "Dockerfile",
		"Dockerfile\n*":    "Dockerfile",
	} {
		dir := tree(t, all)
		if err := os.WriteFile(filepath.Join(dir, ".dockerignore"), []byte(ignore+"\n.dockerignore"), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := names(sentFiles(t, dir, "", false)); got != want {
			t.Errorf("%q:\ngot  %s\nwant %s", ignore, got, want)
		}
		// The classic builder reads .dockerignore itself, to take out what it needed only for itself.
		if got := names(sentFiles(t, dir, "", true)); got != ".dockerignore "+want {
			t.Errorf("%q, classic:\ngot  %s\nwant .dockerignore %s", ignore, got, want)
		}
	}
}

func TestIgnorefileOfTheDockerfile(t *testing.T) {
	dir := tree(t, map[string]string{
		"Dockerfile": "x", "build/Prod": "x", "build/Prod.dockerignore": "a\n", ".dockerignore": "b\n", "a": "x", "b": "x",
	})
	if got := names(sentFiles(t, dir, "build/Prod", false)); got != ".dockerignore Dockerfile b build/ build/Prod build/Prod.dockerignore" {
		t.Error(got)
	}
}

func TestLinksAreSentAsLinks(t *testing.T) {
	outside := tree(t, map[string]string{"secret": "swordfish", "dir/secret": "swordfish"})
	dir := tree(t, map[string]string{
		"Dockerfile": "FROM scratch", "file": "content", "inside": "->file", "dangling": "->nowhere", "up": "->../../secret",
		"secret": "->" + outside + "/secret", "dir": "->" + outside + "/dir", "loop": "->loop",
	})
	files := sentFiles(t, dir, "", false)
	want := map[string]string{
		"Dockerfile": "FROM scratch", "file": "content", "inside": "->file", "dangling": "->nowhere", "up": "->../../secret",
		"secret": "->" + outside + "/secret", "dir": "->" + outside + "/dir", "loop": "->loop",
	}
	if names(files) != names(want) {
		t.Errorf("sent: %s", names(files))
	}
	for name, content := range want {
		if files[name] != content {
			t.Errorf("%s: %q", name, files[name])
		}
	}
}

func TestDockerfilePlaces(t *testing.T) {
	dir := tree(t, map[string]string{
		"app/Dockerfile": "FROM app", "app/deploy/Dockerfile.prod": "FROM prod", "Dockerfile.shared": "FROM shared",
		"app/linked": "->deploy/Dockerfile.prod", "app/out": "->../Dockerfile.shared", "app/outdir": "->..",
	})
	app := filepath.Join(dir, "app")
	for name, want := range map[string]string{
		"": "FROM app", "deploy/Dockerfile.prod": "FROM prod", "./deploy/../Dockerfile": "FROM app", "linked": "FROM prod",
		"../Dockerfile.shared": "FROM shared", filepath.Join(app, "Dockerfile"): "FROM app", filepath.Join(dir, "Dockerfile.shared"): "FROM shared",
	} {
		c, err := openContext(app, name, false)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c.close()
		if string(c.dockerfileText) != want {
			t.Errorf("%s: %q", name, c.dockerfileText)
		}
		// The builder finds it under the name that it is told.
		content := sentFiles(t, app, name, false)[c.dockerfile]
		if content != want && !strings.HasPrefix(content, "->") {
			t.Errorf("%s is sent as %s: %q", name, c.dockerfile, content)
		}
	}
	for name, want := range map[string]string{
		"out": "out in " + app + " is a symbolic link that points outside the directory", "outdir/Dockerfile.shared": "is a symbolic link that points outside",
		"missing": "there is no missing in " + app, "deploy": "deploy cannot be read",
	} {
		if _, err := openContext(app, name, false); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestContextKeepsModes(t *testing.T) {
	dir := tree(t, map[string]string{"Dockerfile": "x", "run.sh": "x"})
	if err := os.Chmod(filepath.Join(dir, "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	c, err := openContext(dir, "", false)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	var archive bytes.Buffer
	if err := c.write(&archive); err != nil {
		t.Fatal(err)
	}
	modes := map[string]fs.FileMode{}
	for reader := tar.NewReader(&archive); ; {
		header, err := reader.Next()
		if err != nil {
			break
		}
		modes[header.Name] = header.FileInfo().Mode()
	}
	if modes["run.sh"] != 0o755 || modes["Dockerfile"] != 0o640 {
		t.Errorf("%v", modes)
	}
}

func TestSendingEndsWhenNobodyReads(t *testing.T) {
	dir := tree(t, map[string]string{"Dockerfile": "x", "large": strings.Repeat("x", 1<<20)})
	c, err := openContext(dir, "", false)
	if err != nil {
		t.Fatal(err)
	}
	archive, sent := c.send()
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-sent; !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

// What the builder itself reads is not read from elsewhere either.
func TestLinksOutOfTheBuildersOwnFiles(t *testing.T) {
	outside := tree(t, map[string]string{"Dockerfile": "FROM swordfish", "ignore": "swordfish"})
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"Dockerfile": {map[string]string{"Dockerfile": "->" + outside + "/Dockerfile"}, "is a symbolic link that points outside the directory"},
		".dockerignore": {map[string]string{"Dockerfile": "FROM scratch", ".dockerignore": "->" + outside + "/ignore"},
			".dockerignore cannot be read: "},
		"Dockerfile.dockerignore": {map[string]string{"Dockerfile": "FROM scratch", "Dockerfile.dockerignore": "->" + outside + "/ignore"},
			"Dockerfile.dockerignore cannot be read: "},
	} {
		for _, classic := range []bool{false, true} {
			c, err := openContext(tree(t, test.files), "", classic)
			if err == nil {
				c.close()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "swordfish") {
				t.Errorf("%s: got %v, want %s", name, err, test.want)
			}
		}
	}
}

// A file, or a directory above it, that becomes a link out of the context after it
// was looked at and before it is opened is not sent.
func TestLinkOutThatComesMeanwhile(t *testing.T) {
	outside := tree(t, map[string]string{"secret": "swordfish"})
	for name, link := range map[string]string{"file": outside + "/secret", "dir/secret": outside} {
		dir := tree(t, map[string]string{"Dockerfile": "FROM scratch", name: "swordfish"})
		c, err := openContext(dir, "", false)
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		info, err := c.root.Lstat(name)
		if err != nil {
			t.Fatal(err)
		}
		header, err := tar.FileInfoHeader(info, "")
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(name, "/")
		if err := os.RemoveAll(filepath.Join(dir, first)); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(link, filepath.Join(dir, first)); err != nil {
			t.Fatal(err)
		}
		var archive bytes.Buffer
		w := contextWriter{buildContext: c, tar: tar.NewWriter(&archive)}
		err = w.addFile(name, header)
		if err == nil || !strings.HasPrefix(err.Error(), name+" cannot be read ") || archive.Len() > 0 {
			t.Errorf("%s: %v, and %d bytes are sent", name, err, archive.Len())
		}
	}
}
