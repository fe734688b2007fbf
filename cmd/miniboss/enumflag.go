package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/miniboss/miniboss/runtime/spec"
)

// choiceValue is a flag that takes one of several words.
type choiceValue struct {
	target  *string
	flag    string
	choices []string
}

// choiceVar adds a flag that takes one of several words, which are completed.
// Flags are cmd's own or its persistent ones.
func choiceVar(cmd *cobra.Command, flags *pflag.FlagSet, target *string, name, otherwise string, choices []string, usage string) {
	*target = otherwise
	flags.Var(&choiceValue{target: target, flag: name, choices: choices}, name, usage)
	completeFlag(cmd, name, cobra.FixedCompletions(choices, cobra.ShellCompDirectiveNoFileComp))
}

func (c *choiceValue) Set(text string) error {
	if err := oneOf("--"+c.flag, text, c.choices); err != nil {
		return err
	}
	*c.target = text
	return nil
}

func (c *choiceValue) String() string { return *c.target }

// Type makes the help show the default as it is.
func (c *choiceValue) Type() string { return "string" }

// oneOf says what is wrong with a value that is none of the choices.
func oneOf(what, value string, choices []string) error {
	if slices.Contains(choices, value) {
		return nil
	}
	last := len(choices) - 1
	advice := fmt.Sprintf("use %s or %s", strings.Join(choices[:last], ", "), choices[last])
	if near := meant(value, choices); near != "" {
		advice = fmt.Sprintf("did you mean %q?", near)
	}
	return &spec.UsageError{Message: fmt.Sprintf("invalid value %q for %s", value, what), Advice: advice}
}
