package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/js"
)

// anyNumber is how many services a command takes that has no limit.
const anyNumber = -1

// completionTime is how long the file may take to load while the user waits
// for a completion.
const completionTime = time.Second

// completeFlag says how the value of a flag is completed.
func completeFlag(cmd *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // there is no such flag, or it was said before
	}
}

// completeExtension lets the shell complete the path of a service file.
func completeExtension(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var extensions []cobra.Completion
	for _, e := range fileExtensions() {
		extensions = append(extensions, strings.TrimPrefix(e, "."))
	}
	return extensions, cobra.ShellCompDirectiveFilterFileExt
}

// completeAnyFile leaves it to the shell, which completes paths.
func completeAnyFile(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// completeFile completes the arguments of a command that takes only FILE.
func completeFile(g *globals) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if g.file != "" || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return completeExtension(cmd, args, typed)
	}
}

// completeServices completes FILE and up to so many of its services.
func (a *app) completeServices(g *globals, most int) cobra.CompletionFunc {
	return a.completeNames(g, most, services)
}

// services returns the names of the file's services, with their images for the
// shells that show such a thing.
func services(file *js.File) []cobra.Completion {
	var names []cobra.Completion
	for _, s := range file.Services {
		if s.Name != "" { // that is a mistake of its own
			names = append(names, cobra.CompletionWithDesc(s.Name, s.Loaded.Image))
		}
	}
	return names
}

// completeNames completes FILE and up to so many of the names that it has. The
// shell can complete either paths by their extension or words that we give it.
// So it completes paths where what is typed looks like one or is no beginning
// of a word we know.
func (a *app) completeNames(g *globals, most int, names func(*js.File) []cobra.Completion) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		path, given, err := g.takeFile(args)
		fileGiven := g.file != "" || len(given) < len(args)
		if !fileGiven && strings.ContainsAny(typed, `./\~`) {
			return completeExtension(cmd, args, typed)
		}
		var words []cobra.Completion
		if err == nil && (most == anyNumber || len(given) < most) {
			words = beginning(typed, a.namesOf(cmd.Context(), path, names), given)
		}
		if !fileGiven && typed != "" {
			words = append(words, filesHere(typed)...)
		}
		if !fileGiven && len(words) == 0 && len(given) == 0 {
			return completeExtension(cmd, args, typed)
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeExclude completes a list of services, of which the last is not
// complete: appdb,to.
func (a *app) completeExclude(g *globals) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		path, _, err := g.takeFile(args)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		before, last := "", typed
		if i := strings.LastIndex(typed, ","); i >= 0 {
			before, last = typed[:i+1], typed[i+1:]
		}
		words := beginning(last, a.namesOf(cmd.Context(), path, services), strings.Split(before, ","))
		for i := range words {
			// Cobra's script for bash does not find words with a comma among
			// those that have descriptions.
			word, _, _ := strings.Cut(words[i], "\t")
			words[i] = before + word
		}
		return words, cobra.ShellCompDirectiveNoFileComp
	}
}

// namesOf returns names of the file, also of one with mistakes, or none where it
// cannot be loaded: while somebody types, nobody wants to read why.
func (a *app) namesOf(ctx context.Context, path string, names func(*js.File) []cobra.Completion) []cobra.Completion {
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	file, err := js.Load(ctx, js.Options{
		File: path, EnvFiles: a.envFiles, CacheDir: bundleDir(), Limit: completionTime, NamesOnly: true,
		Console: func(js.Line) {}, OnError: func(*js.Error) {},
	})
	if err != nil {
		return nil
	}
	defer file.Close()
	return names(file)
}

// beginning returns the words that begin with what is typed and are not there
// yet.
func beginning(typed string, words []cobra.Completion, there []string) []cobra.Completion {
	return slices.DeleteFunc(words, func(w cobra.Completion) bool {
		word, _, _ := strings.Cut(w, "\t")
		return !strings.HasPrefix(word, typed) || slices.Contains(there, word)
	})
}

// filesHere returns the service files of the working directory that begin with
// what is typed. Declarations of types are none.
func filesHere(typed string) []cobra.Completion {
	entries, _ := os.ReadDir(".")
	var files []cobra.Completion
	for _, e := range entries {
		name := e.Name()
		declaration := filepath.Ext(strings.TrimSuffix(name, filepath.Ext(name))) == ".d"
		if isFile(name) && !declaration && !e.IsDir() && strings.HasPrefix(name, typed) {
			files = append(files, name)
		}
	}
	return files
}
