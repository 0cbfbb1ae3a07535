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

// pythonSubcommands are the others of Scaler 2.9.0. Unknown names are handed over too: a later release may have them.
const pythonSubcommands = "symphony, aws_raw_ecs, aws_hpc, orb_aws_ec2, oci_raw, oci_hpc"

const overallHelp = usage + `

Starts and stops workers for an OpenGRIS Scaler scheduler.

Subcommands:
  baremetal_native             workers on this host; "` + Program + ` baremetal_native --help" lists
                               its options
  completion bash|zsh|fish     print a script that completes this command line
  symphony, aws_..., oci_..., orb_...
                               are handed to the installed Scaler's own program
                               (Scaler 2.9.0: ` + pythonSubcommands + `)

Options:
  --config FILE, -c FILE       TOML file with a [[worker_manager]] entry of the subcommand's type
  --help, -h                   print this help and exit
  --version, -V                print the version and exit

Examples:
  ` + Program + ` baremetal_native tcp://127.0.0.1:8516 --max-task-concurrency 4
  ` + Program + ` baremetal_native --config config.toml --dry-run=origins
  source <(` + Program + ` completion bash)

scaler-native, which is installed next to this program, shows running managers and controls them.
`

const (
	helpColumn = 30
	helpWidth  = 110
)

// nativeHelp is the help of baremetal_native, from the table of options.
func nativeHelp() string {
	var out strings.Builder
	out.WriteString(nativeUsage +
		"\n\nStarts and stops workers on this host, as many as the scheduler asks for or a fixed number.\n\n" +
		"All options but those under General are also keys of the file, with underscores or hyphens. The command line\n" +
		"overrides the environment, the environment overrides the file, and the file overrides the default.\n")
	for _, group := range config.Groups {
		fmt.Fprintf(&out, "\n%s:\n", group)
		if group == config.GroupGeneral {
			helpRow(&out, "--config FILE, -c FILE",
				"TOML file with a [[worker_manager]] entry of the type "+config.ManagerType)
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
  # as many workers as the scheduler asks for, at most 4
  ` + Program + ` baremetal_native tcp://127.0.0.1:8516 --max-task-concurrency 4
  # 8 workers at once, for tasks that require a GPU
  ` + Program + ` baremetal_native tcp://127.0.0.1:8516 --mode fixed -n 8 --per-worker-capabilities gpu=1
  # from a file, with one value overridden: show the result, and where each value comes from
  ` + Program + ` baremetal_native --config config.toml --logging-level DEBUG --dry-run=origins
  # give tasks a minute to finish on SIGTERM, and serve metrics and a status page
  ` + Program + ` baremetal_native tcp://127.0.0.1:8516 --drain-on-terminate 60 --http-address 127.0.0.1:9464
`

// synopsis returns the names of the option and what follows them.
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

// remarks returns what the help of the option has in parentheses.
func remarks(o *config.Option) string {
	var parts []string
	if o.Since == config.Native && !o.Action && !o.Group.OnlyHere() {
		parts = append(parts, "only in scaler-native")
	}
	switch {
	case o.DefaultText != "":
		parts = append(parts, "default: "+o.DefaultText)
	case o.Positional:
		parts = append(parts, "required, here or in the file")
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

// helpRow writes the names and the text in two columns. The text starts on a line of its own if the names are long.
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
