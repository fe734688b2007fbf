package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/miniboss/miniboss/runtime/spec"
)

// meant returns the word that was probably meant: the only one that begins so,
// else one that is nearly the same. It returns "" where there is none.
func meant(word string, words []string) string {
	var longer []string
	for _, w := range words {
		if word != "" && strings.HasPrefix(w, word) {
			longer = append(longer, w)
		}
	}
	if len(longer) == 1 {
		return longer[0]
	}
	return spec.Nearest(word, words)
}

// runnable returns the names of the commands that one can run.
func runnable(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if c.Runnable() && !c.Hidden {
			names = append(names, c.Name())
		}
	}
	slices.Sort(names)
	return names
}

// unknownCommand says that there is none of that name, and which was meant.
func unknownCommand(what, name string, names []string) error {
	advice := "run `miniboss help` to list them"
	if isFile(name) {
		advice = "the command comes first: miniboss start " + name
	} else if other := alternatives()[name]; other != "" {
		advice = other
	} else if other := foreignCommands()[name]; other != "" {
		advice = fmt.Sprintf("did you mean %q?", other)
	} else if near := meant(name, names); near != "" {
		advice = fmt.Sprintf("did you mean %q?", near)
	}
	return &spec.UsageError{Message: fmt.Sprintf("unknown %s %q", what, name), Advice: advice}
}

// flagError makes of pflag's error one with advice.
func flagError(cmd *cobra.Command, err error) error {
	var usage *spec.UsageError
	if errors.As(err, &usage) {
		return usage
	}
	advice := "run `miniboss help` to list the flags"
	if cmd.HasParent() {
		advice = "run `miniboss help " + cmd.Name() + "` to list the flags"
	}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		// In "-exclude" each letter is a flag for pflag.
		word := unknown.GetSpecifiedShortnames()
		if word == "" {
			word = unknown.GetSpecifiedName()
		}
		if other := flagInstead()[word]; other != "" {
			advice = other
		} else if near := meant(word, flagNames(cmd)); near != "" {
			advice = fmt.Sprintf("did you mean --%s?", near)
		} else if others := commandsWithFlag(cmd.Root(), word); len(others) > 0 {
			advice = fmt.Sprintf("--%s is a flag of %s", word, strings.Join(others, ", "))
		}
	}
	return &spec.UsageError{Message: err.Error(), Advice: advice}
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	cmd.LocalFlags().VisitAll(add)
	cmd.InheritedFlags().VisitAll(add)
	return names
}

func commandsWithFlag(root *cobra.Command, flag string) []string {
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden && c.Flags().Lookup(flag) != nil {
			names = append(names, c.Name())
		}
	}
	return names
}
