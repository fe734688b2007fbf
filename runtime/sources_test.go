package runtime

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"
	"time"
)

// at makes sources of files that were written at some seconds, looked at later.
func at(looked int64, files ...SourceFile) Sources {
	for i := range files {
		files[i].Modified *= int64(time.Second)
		files[i].Changed *= int64(time.Second)
	}
	return Sources{Taken: time.Unix(looked, 0), Files: files}
}

func TestSourcesChanged(t *testing.T) {
	t.Parallel()
	file := func(name, sum string) SourceFile { return SourceFile{Name: name, Mode: 0o644, Sum: sum} }
	was := Sources{Files: []SourceFile{file("a", "1"), {Name: "dir/", Mode: fs.ModeDir | 0o755}, file("dir/b", "1"), file("z", "1")}}
	for _, test := range []struct {
		name string
		now  []SourceFile
		want string
	}{
		{"nothing", was.Files, ""},
		{"another time", []SourceFile{{Name: "a", Mode: 0o644, Sum: "1", Modified: 7, Changed: 8}, was.Files[1], was.Files[2], was.Files[3]}, ""},
		{"a content", []SourceFile{file("a", "2"), was.Files[1], was.Files[2], was.Files[3]}, "a"},
		{"a mode", []SourceFile{{Name: "a", Mode: 0o755, Sum: "1"}, was.Files[1], was.Files[2], was.Files[3]}, "a"},
		{"a new one", []SourceFile{was.Files[0], was.Files[1], was.Files[2], file("new", "1"), was.Files[3]}, "new (new)"},
		{"one less", []SourceFile{was.Files[0], was.Files[1], was.Files[2]}, "z (removed)"},
		{"a directory less, with its file", []SourceFile{was.Files[0], was.Files[3]}, "dir/b (removed)"},
		{"only a directory", []SourceFile{was.Files[0], was.Files[1], was.Files[2], {Name: "empty/", Mode: fs.ModeDir | 0o755}, was.Files[3]}, "empty/ (new)"},
		{"the changed one first", []SourceFile{file("0", "1"), was.Files[1], file("dir/b", "2")}, "dir/b and 3 more"},
		{"two", []SourceFile{file("a", "2"), was.Files[1], file("dir/b", "2"), was.Files[3]}, "a and 1 more"},
	} {
		now := Sources{Files: test.now}
		same(t, test.name, now.changedSince(was), test.want)
		if (now.content() == was.content()) != (test.want == "") {
			t.Errorf("%s: the digests do not tell it", test.name)
		}
	}
}

// A file is read again where its times do not tell that it is the same.
func TestSourcesToRead(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		was, now SourceFile
		read     bool
	}{
		{"left alone", SourceFile{Size: 1, Modified: 10, Changed: 10}, SourceFile{Size: 1, Modified: 10, Changed: 10}, false},
		{"touched", SourceFile{Size: 1, Modified: 10, Changed: 10}, SourceFile{Size: 1, Modified: 20, Changed: 20}, true},
		{"another size", SourceFile{Size: 1, Modified: 10, Changed: 10}, SourceFile{Size: 2, Modified: 10, Changed: 10}, true},
		{"its time set back", SourceFile{Size: 1, Modified: 10, Changed: 10}, SourceFile{Size: 1, Modified: 10, Changed: 20}, true},
		{"written in the second of the look", SourceFile{Size: 1, Modified: 99, Changed: 99}, SourceFile{Size: 1, Modified: 99, Changed: 99}, true},
		{"in the future", SourceFile{Size: 1, Modified: 500, Changed: 10}, SourceFile{Size: 1, Modified: 500, Changed: 10}, true},
		{"another mode", SourceFile{Mode: 0o644, Modified: 10}, SourceFile{Mode: 0o755, Modified: 10}, true},
	} {
		test.was.Name, test.now.Name, test.was.Sum = "a", "a", "known"
		was, now := at(100, test.was), at(200, test.now)
		unread := now.takeSums(was)
		if read := len(unread) == 1; read != test.read || !read && now.Files[0].Sum != "known" {
			t.Errorf("%s: to read: %v, sum %q", test.name, unread, now.Files[0].Sum)
		}
		digestWas, settledWas := was.stat()
		digestNow, _ := now.stat()
		if quick := settledWas && digestWas == digestNow; quick == test.read {
			t.Errorf("%s: the digest of what is seen says %v", test.name, quick)
		}
	}
}

func TestImageVerdict(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		found imagesFound
		want  string
	}{
		{"nothing there", imagesFound{}, " not found locally"},
		{"unchanged", imagesFound{tagged: "1", own: "1", recorded: true}, "1 "},
		{"changed", imagesFound{tagged: "1", own: "1", recorded: true, changes: []string{"sources changed: a", "buildTarget changed"}}, "1 sources changed: a, buildTarget changed"},
		{"unchanged, another has the tag", imagesFound{tagged: "2", own: "1", recorded: true, foreign: true}, "1 "},
		{"unchanged, nothing has the tag", imagesFound{own: "1", recorded: true}, "1 "},
		{"unchanged, removed", imagesFound{recorded: true}, " not found locally"},
		{"unchanged, removed, another has the tag", imagesFound{tagged: "2", recorded: true, foreign: true}, "2 its tag now points to another build"},
		{"changed to what another has built", imagesFound{tagged: "2", own: "1", recorded: true, changes: []string{"sources changed: a"}, same: true}, "2 "},
		{"another has built the same", imagesFound{tagged: "2", same: true}, "2 "},
		{"another has built something else", imagesFound{tagged: "2", foreign: true}, "2 built from other sources"},
		{"built by hand", imagesFound{tagged: "2"}, "2 not built by miniboss from these sources"},
	} {
		id, stale := test.found.verdict()
		same(t, test.name, fmt.Sprintf("%s %s", id, stale), test.want)
	}
}

func TestBuildsRemember(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/deep"
	sources := at(100, SourceFile{Name: "a b\nc", Mode: fs.ModeSymlink | 0o777, Size: 3, Modified: 7, Changed: 8, Sum: "x"}, SourceFile{Name: "d/", Mode: fs.ModeDir | 0o755})
	record := buildRecord{Image: "sha256:1", Content: sources.content(), Fields: map[string]string{"platform": "y"}}
	record.digest()
	NewBuilds(dir, "engine").remember("web", record, sources)

	b := NewBuilds(dir, "engine")
	for _, path := range []string{b.path("web"), b.imagesPath()} {
		write(t, path+".tmp", "of a killed command", 0o600)
	}
	last, ok := b.last("web")
	if left, err := filepath.Glob(dir + "/*.tmp"); err != nil || len(left) > 0 {
		t.Errorf("it leaves %q, %v", left, err)
	}
	if !ok || last.Image != record.Image || last.Inputs != record.Inputs || b.inputs("sha256:1") != record.Inputs {
		t.Errorf("%v %+v", ok, last)
	}
	found := b.files("web")
	same(t, "files", fmt.Sprint(found.Files, found.Taken.Unix()), fmt.Sprint(sources.Files, 100))
	if _, ok := b.last("other"); ok {
		t.Error("another definition has a record")
	}
	if _, ok := NewBuilds(dir, "other engine").last("web"); ok {
		t.Error("another engine has a record")
	}
	var none *Builds
	none.remember("web", record, sources)
	if _, ok := none.last("web"); ok || none.inputs("sha256:1") != "" {
		t.Error("no memory remembers")
	}
}
