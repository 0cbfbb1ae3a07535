package commandline

import (
	"fmt"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/config"
)

const usage = "usage: " + Program + " [--config FILE] {" + config.ManagerType + ",...} [options]\n" +
	"       " + Program + " --help"

const nativeUsage = "usage: " + Program + " " + config.ManagerType +
	" [--config FILE] [options] [scheduler_address]\n" +
	"       " + Program + " " + config.ManagerType + " --help"

// pythonSubcommands are those of Scaler 2.9.0 beside ours. Any other name is handed over too: a later release may know
// it.
const pythonSubcommands = "symphony, aws_raw_ecs, aws_hpc, orb_aws_ec2, oci_raw, oci_hpc"

const overallHelp = usage + `

Starts and stops the workers of an OpenGRIS Scaler scheduler.

Subcommands:
  baremetal_native             workers on this host
                               (its options: ` + Program + ` baremetal_native --help)
  completion bash|zsh|fish     print a script that completes this command line in a shell
  symphony, aws_..., oci_..., orb_...
                               handed to the Python Scaler that is installed
                               (Scaler 2.9.0: ` + pythonSubcommands + `)

Options:
  --config FILE, -c FILE       TOML file with a [[worker_manager]] entry of the subcommand's type
  --help, -h                   print this help and end
  --version, -V                print the version and end

Example:
  ` + Program + ` baremetal_native tcp://127.0.0.1:8516 --max-task-concurrency 4

The program scaler-native, which is installed beside this one, shows running managers and tells them what to do.
`

const (
	helpColumn = 30
	helpWidth  = 110
)

// nativeHelp derives the help of baremetal_native from the table of options.
func nativeHelp() string {
	var out strings.Builder
	out.WriteString(nativeUsage +
		"\n\nStarts and stops workers on this host, as many as the scheduler wants or a fixed number.\n" +
		"All but the options under General can also stand in the file, as keys with underscores or hyphens. The command\n" +
		"line overrides the environment, the environment the file, and the file the default.\n")
	for _, group := range config.Groups {
		fmt.Fprintf(&out, "\n%s:\n", group)
		if group == config.GroupGeneral {
			helpRow(&out, "--config FILE, -c FILE", "TOML file with a [[worker_manager]] entry of the type "+config.ManagerType)
		}
		for _, o := range config.Options() {
			if o.Group == group {
				helpRow(&out, synopsis(o), o.Help+remarks(o))
			}
		}
	}
	out.WriteString(examples)
	return out.String()
}

const examples = `
Examples:
  # workers as the scheduler needs them, at most 4
  ` + Program + ` baremetal_native tcp://127.0.0.1:8516 --max-task-concurrency 4
  # 8 workers at once, for tasks that ask for a GPU
  ` + Program + ` baremetal_native tcp://127.0.0.1:8516 --mode fixed -n 8 --per-worker-capabilities gpu=1
  # from a file, with one value overridden; see what would be used and where each value is from
  ` + Program + ` baremetal_native --config config.toml --logging-level DEBUG --dry-run=origins
`

// synopsis returns the names of the option with what follows them.
func synopsis(o *config.Option) string {
	if o.Positional {
		return o.Key
	}
	value := ""
	switch {
	case o.OptionalValue:
		value = "[=" + strings.Join(o.Choices, "|") + "]"
	case o.Kind == config.Choice:
		value = " {" + strings.Join(o.Choices, ",") + "}"
	case o.Kind == config.TextList:
		value = " [" + o.Placeholder + " ...]"
	case o.Kind != config.Flag:
		value = " " + o.Placeholder
	}
	names := []string{o.Long()}
	if o.Short != "" {
		names = append(names, o.Short)
	}
	return strings.Join(names, ", ") + value
}

// remarks returns the default, the variable and the other names of the option.
func remarks(o *config.Option) string {
	var parts []string
	switch {
	case o.DefaultText != "":
		parts = append(parts, "default: "+o.DefaultText)
	case o.Positional:
		parts = append(parts, "required here or in the file")
	case o.Kind == config.TextList:
		parts = append(parts, "default: "+strings.Join(o.Default.([]string), " "))
	case o.Default != nil && o.Kind != config.Flag:
		parts = append(parts, fmt.Sprintf("default: %v", o.Default))
	}
	if o.Environment != "" {
		parts = append(parts, "environment: "+o.Environment)
	}
	if len(o.Renamed) > 0 {
		names := make([]string, len(o.Renamed))
		for i, name := range o.Renamed {
			names[i] = name.Text
		}
		parts = append(parts, "also "+strings.Join(names, ", "))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// helpRow writes the text in its column, below the names if they are too long.
func helpRow(out *strings.Builder, names, text string) {
	line := "  " + names
	if len(line) > helpColumn-2 {
		fmt.Fprintln(out, line)
		line = ""
	}
	line += strings.Repeat(" ", helpColumn-len(line))
	filled := false
	for _, word := range strings.Fields(text) {
		if filled && len(line)+1+len(word) > helpWidth {
			fmt.Fprintln(out, line)
			line, filled = strings.Repeat(" ", helpColumn), false
		}
		if filled {
			line += " "
		}
		line, filled = line+word, true
	}
	fmt.Fprintln(out, line)
}
