package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime/spec"
)

func (a *app) completionCommand() *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:     "completion SHELL",
		GroupID: groupOther,
		Short:   "print a shell completion script",
		Long: `completion prints a script for bash, zsh, fish or PowerShell that completes
commands, flags, service files and the names of the file's services. It needs
no engine.

To load it in every new shell:

  bash         miniboss completion bash > ~/.local/share/bash-completion/completions/miniboss
               (needs the bash-completion package)
  zsh          miniboss completion zsh > "${fpath[1]}/_miniboss"
               (needs "autoload -U compinit; compinit" in ~/.zshrc)
  fish         miniboss completion fish > ~/.config/fish/completions/miniboss.fish
  PowerShell   miniboss completion powershell >> $PROFILE`,
		Example: `  source <(miniboss completion bash)     for this shell only
  miniboss completion fish | source`,
		ValidArgs: shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &spec.UsageError{Message: fmt.Sprintf("completion takes exactly one shell, got %d", len(args)),
					Advice: "use bash, zsh, fish or powershell"}
			}
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.stdout, true)
			case "zsh":
				return root.GenZshCompletion(a.stdout)
			case "fish":
				return root.GenFishCompletion(a.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.stdout)
			}
			return oneOf("SHELL", args[0], shells)
		},
	}
}
