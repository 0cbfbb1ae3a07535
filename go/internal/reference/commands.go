package reference

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/scaler-native/scaler-native/go/internal/exitstatus"
)

// commands is a section for each command of scaler-native. The help of the root ends with the exit statuses, which have
// a table here.
func commands(root *cobra.Command) string {
	var out strings.Builder
	about, _, _ := strings.Cut(root.Long, "\n\nExit status:\n")
	fmt.Fprintf(&out, "## %s\n\n%s\n\n    %s COMMAND [options]\n", root.Name(), about, root.Name())
	writeExamples(&out, root)
	fmt.Fprintf(&out, "\nOptions of every command:\n\n%s\n", flags(root.PersistentFlags()))
	out.WriteString(statuses("exit status", exitstatus.Control))
	for _, command := range root.Commands() {
		switch {
		case command.Name() == "completion": // the rest are cobra's own words, for each shell
			out.WriteString(completion)
		case command.IsAvailableCommand():
			writeCommand(&out, command)
		}
	}
	return out.String()
}

const completion = `
### scaler-native completion

Prints a script that completes commands, options, managers and workers in bash, fish, powershell or zsh.

` + "```sh\nsource <(scaler-native completion bash)\n```\n"

func writeCommand(out *strings.Builder, command *cobra.Command) {
	about := command.Long
	if about == "" {
		about = command.Short + "."
	}
	usage := strings.TrimSuffix(command.UseLine(), " [flags]")
	fmt.Fprintf(out, "\n### %s\n\n%s\n\n    %s\n", command.CommandPath(), strings.TrimSpace(about), usage)
	writeExamples(out, command)
	if own := command.LocalNonPersistentFlags(); own.HasAvailableFlags() {
		out.WriteString("\n" + flags(own))
	}
}

func writeExamples(out *strings.Builder, command *cobra.Command) {
	if command.HasExample() {
		// cobra has them indented.
		text := strings.ReplaceAll("\n"+command.Example, "\n  ", "\n")
		fmt.Fprintf(out, "\n```sh%s\n```\n", text)
	}
}

func flags(set *pflag.FlagSet) string {
	t := newTable("option", "default", "meaning")
	set.VisitAll(func(flag *pflag.Flag) {
		if flag.Hidden {
			return
		}
		value, usage := pflag.UnquoteUsage(flag)
		name := "`" + strings.TrimSpace("--"+flag.Name+" "+value) + "`"
		if flag.Shorthand != "" {
			name += ", `-" + flag.Shorthand + "`"
		}
		byDefault := flag.DefValue
		if byDefault == "false" {
			byDefault = ""
		}
		t.add(name, byDefault, prose(usage))
	})
	return t.String()
}
