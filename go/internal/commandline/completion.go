package commandline

import (
	"fmt"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/config"
)

const completionCommand = "completion"

const completionUsage = "usage: " + Program + " " + completionCommand + " bash|zsh|fish"

// parseCompletion returns the script for a shell.
func parseCompletion(rest []string) (Outcome, error) {
	outcome := Outcome{Action: Completion, Subcommand: completionCommand}
	if len(rest) == 1 {
		switch rest[0] {
		case "bash":
			outcome.Output = bashCompletion()
			return outcome, nil
		case "zsh":
			outcome.Output = zshCompletion()
			return outcome, nil
		case "fish":
			outcome.Output = fishCompletion()
			return outcome, nil
		case "-h", "--help":
			return Outcome{Action: Help, Subcommand: completionCommand, Output: completionUsage + "\n"}, nil
		}
	}
	return outcome, &UsageError{completionUsage, "expected the name of one shell: bash, zsh or fish"}
}

// completed is an option for the script of a shell.
type completed struct {
	names   []string
	help    string
	value   bool
	file    bool
	choices []string
}

func completedOptions() []completed {
	rows := []completed{
		{names: []string{"--config", "-c"}, help: "TOML file with the configuration", value: true, file: true},
	}
	for _, o := range config.Options() {
		if o.Positional {
			continue
		}
		row := completed{names: []string{o.Long()}, help: o.Help, value: o.Kind != config.Flag, choices: o.Choices,
			file: o.Placeholder == "FILE" || o.Placeholder == "PATH"}
		if o.Short != "" {
			row.names = append(row.names, o.Short)
		}
		rows = append(rows, row)
	}
	return rows
}

var subcommands = config.ManagerType + " " + completionCommand + " " + strings.ReplaceAll(pythonSubcommands, ",", "")

func bashCompletion() string {
	var all []string
	var cases strings.Builder
	for _, row := range completedOptions() {
		all = append(all, row.names...)
		if !row.value {
			continue
		}
		reply := "COMPREPLY=()"
		switch {
		case row.file:
			reply = `COMPREPLY=($(compgen -f -- "$word"))`
		case len(row.choices) > 0:
			reply = fmt.Sprintf(`COMPREPLY=($(compgen -W '%s' -- "$word"))`, strings.Join(row.choices, " "))
		}
		fmt.Fprintf(&cases, "        %s) %s; return ;;\n", strings.Join(row.names, "|"), reply)
	}
	return fmt.Sprintf(`_%[1]s() {
    local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" native= i
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == %[2]s ]] && native=1
    done
    case "$previous" in
        %[3]s) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word")); return ;;
%[4]s    esac
    if [[ $native ]]; then
        COMPREPLY=($(compgen -W '%[5]s' -- "$word"))
    else
        COMPREPLY=($(compgen -W '%[6]s --config --help --version' -- "$word"))
    fi
}
complete -F _%[1]s %[1]s
`, Program, config.ManagerType, completionCommand, cases.String(), strings.Join(all, " "), subcommands)
}

func zshCompletion() string {
	quote := strings.NewReplacer("'", `'\''`, "[", `\[`, "]", `\]`, ":", `\:`)
	var specs strings.Builder
	for _, row := range completedOptions() {
		value := ""
		switch {
		case row.file:
			value = ":file:_files"
		case row.value && len(row.choices) > 0:
			value = ":value:(" + strings.Join(row.choices, " ") + ")"
		case row.value:
			value = ":value: "
		}
		for _, name := range row.names {
			fmt.Fprintf(&specs, "        '%s[%s]%s' \\\n", name, quote.Replace(row.help), value)
		}
	}
	return fmt.Sprintf(`#compdef %[1]s
_%[1]s() {
    if (( ! ${words[(I)%[2]s]} )); then
        if [[ ${words[CURRENT-1]} == %[3]s ]]; then
            compadd bash zsh fish
        else
            compadd -- %[4]s --config --help --version
        fi
        return
    fi
    _arguments \
%[5]s        '*:scheduler address: '
}
compdef _%[1]s %[1]s
`, Program, config.ManagerType, completionCommand, subcommands, specs.String())
}

func fishCompletion() string {
	quote := strings.NewReplacer(`\`, `\\`, "'", `\'`)
	var out strings.Builder
	fmt.Fprintf(&out, "complete -c %s -f\n", Program)
	none := "not __fish_seen_subcommand_from " + subcommands
	fmt.Fprintf(&out, "complete -c %s -n '%s' -a '%s'\n", Program, none, subcommands)
	fmt.Fprintf(&out, "complete -c %s -n '__fish_seen_subcommand_from %s' -a 'bash zsh fish'\n", Program,
		completionCommand)
	for _, row := range completedOptions() {
		fmt.Fprintf(&out, "complete -c %s -n '__fish_seen_subcommand_from %s'", Program, config.ManagerType)
		for _, name := range row.names {
			switch {
			case strings.HasPrefix(name, "--"):
				fmt.Fprintf(&out, " -l %s", name[2:])
			case len(name) == 2:
				fmt.Fprintf(&out, " -s %s", name[1:])
			default:
				fmt.Fprintf(&out, " -o %s", name[1:])
			}
		}
		switch {
		case row.file:
			out.WriteString(" -r -F")
		case row.value && len(row.choices) > 0:
			fmt.Fprintf(&out, " -x -a '%s'", strings.Join(row.choices, " "))
		case row.value:
			out.WriteString(" -x")
		}
		fmt.Fprintf(&out, " -d '%s'\n", quote.Replace(row.help))
	}
	return out.String()
}
