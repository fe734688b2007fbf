package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spf13/pflag"
)

// flagList lists flags with what they do, within helpColumns. It is pflag's
// own list without the values of switches.
func flagList(flags *pflag.FlagSet) string {
	var lefts, usages []string
	margin := 0
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		left, usage := flagTexts(f)
		lefts, usages = append(lefts, left), append(usages, usage)
		margin = max(margin, utf8.RuneCountInString(left)+3)
	})
	var b strings.Builder
	for i, left := range lefts {
		fmt.Fprintf(&b, "%-*s%s\n", margin, left, wrapped(usages[i], margin))
	}
	return b.String()
}

// flagTexts are a flag with its value, and what it does.
func flagTexts(f *pflag.Flag) (left, usage string) {
	left = "      --" + f.Name
	if f.Shorthand != "" {
		left = "  -" + f.Shorthand + ", --" + f.Name
	}
	value, usage := pflag.UnquoteUsage(f)
	if f.Value.Type() != "bool" {
		left += " " + value
		if f.DefValue != "" && f.DefValue != "[]" {
			usage += fmt.Sprintf(" (default %s)", f.DefValue)
		}
	}
	return left, usage
}

// wrapped breaks a text that begins after the margin into lines.
func wrapped(text string, margin int) string {
	var b strings.Builder
	used := margin
	for i, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case used+1+length > helpColumns:
			b.WriteString("\n" + strings.Repeat(" ", margin))
			used = margin
		default:
			b.WriteString(" ")
			used++
		}
		b.WriteString(word)
		used += length
	}
	return b.String()
}
