package js

import "slices"

func assertNames() []string {
	return []string{
		"AssertionError", "deepEqual", "deepStrictEqual", "doesNotMatch", "doesNotReject", "doesNotThrow", "equal", "fail",
		"ifError", "match", "notDeepEqual", "notDeepStrictEqual", "notEqual", "notStrictEqual", "ok", "rejects", "strict",
		"strictEqual", "throws",
	}
}

func pathNames() []string {
	return []string{
		"basename", "delimiter", "dirname", "extname", "format", "isAbsolute", "join", "normalize", "parse", "posix",
		"relative", "resolve", "sep", "toNamespacedPath", "win32",
	}
}

// fsCallNames are the calls that node:fs/promises has, and node:fs with Sync at
// the end.
func fsCallNames() []string {
	return []string{
		"access", "appendFile", "chmod", "copyFile", "cp", "lstat", "mkdir", "mkdtemp", "readFile", "readdir", "readlink",
		"realpath", "rename", "rm", "rmdir", "stat", "symlink", "unlink", "writeFile",
	}
}

func fsPromiseNames() []string { return append(fsCallNames(), "constants") }

func fsNames() []string {
	names := []string{"Dirent", "Stats", "constants", "existsSync", "promises"}
	for _, name := range fsCallNames() {
		names = append(names, name+"Sync")
	}
	slices.Sort(names)
	return names
}

// memberInstead says what to use in the place of what Node's node:fs has and
// ours has not.
func memberInstead() map[string]string {
	const polling = "poll with stat and sleep"
	const whole = "use readFile and writeFile, which handle whole files"
	const stream = "use writeFile, which also takes a stream such as response.body"
	hints := map[string]string{
		"createReadStream": "use readFile", "createWriteStream": stream,
		"open": whole, "openSync": whole, "read": whole, "readSync": whole, "write": whole, "writeSync": whole,
		"close": whole, "closeSync": whole, "truncate": whole, "truncateSync": whole,
		"opendir": "use readdir", "opendirSync": "use readdirSync",
		"exists": "use existsSync",
		"watch":  polling, "watchFile": polling, "unwatchFile": polling,
		"link": "use copyFile or symlink", "linkSync": "use copyFileSync or symlinkSync",
		"chown": `use sh from "miniboss"`, "chownSync": `use sh from "miniboss"`,
		"lchown": `use sh from "miniboss"`, "lchownSync": `use sh from "miniboss"`,
		"utimes": `use sh from "miniboss"`, "utimesSync": `use sh from "miniboss"`,
	}
	for _, name := range fsCallNames() {
		hints[name] = "use " + name + `Sync, or ` + name + ` from "node:fs/promises", which returns a promise`
	}
	return hints
}
