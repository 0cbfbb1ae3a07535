package command

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/top"
)

// completionTimeout is the timeout in seconds for completion: the user is waiting at a prompt.
const completionTimeout = 1

// completeManagers completes the argument [MANAGER].
func (p *program) completeManagers(
	command *cobra.Command, former []string, begun string,
) ([]string, cobra.ShellCompDirective) {
	if len(former) > 0 || p.manager != "" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return p.completeManager(command, nil, begun)
}

// completeManager offers pids, which need no quotes, or ids once the user has begun to type one.
func (p *program) completeManager(
	command *cobra.Command, _ []string, begun string,
) ([]string, cobra.ShellCompDirective) {
	var offers []string
	for _, manager := range p.candidates(command) {
		m := &manager.State.Value
		if pid := strconv.Itoa(m.Pid); strings.HasPrefix(pid, begun) {
			offers = append(offers, suggestion(pid, m.ID+", "+m.Phase))
		} else if strings.HasPrefix(m.ID, begun) {
			offers = append(offers, suggestion(m.ID, fmt.Sprintf("pid %d, %s", m.Pid, m.Phase)))
		}
	}
	return offers, cobra.ShellCompDirectiveNoFileComp
}

// completeWorkers offers pids, or the ends of ids.
func (p *program) completeWorkers(
	command *cobra.Command, former []string, begun string,
) ([]string, cobra.ShellCompDirective) {
	var offers []string
	if len(former) > 0 && command.Name() != "restart" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	for _, manager := range p.candidates(command) {
		for _, w := range manager.State.Value.Members {
			text := top.Phase(w)
			if task := top.Current(w); task != nil && task.Function != "" {
				text += " with " + task.Function
			}
			if pid := strconv.Itoa(w.Pid); w.Pid != 0 && strings.HasPrefix(pid, begun) {
				offers = append(offers, suggestion(pid, format.Short(w.ID)+", "+text))
			} else if name := format.Short(w.ID); name != "" && strings.HasPrefix(name, begun) {
				offers = append(offers, suggestion(name, fmt.Sprintf("pid %d, %s", w.Pid, text)))
			}
		}
	}
	return offers, cobra.ShellCompDirectiveNoFileComp
}

// candidates returns the managers that answer in time.
func (p *program) candidates(command *cobra.Command) []client.Found {
	p.seconds = min(p.seconds, completionTimeout)
	list, _ := p.selectManagers(command.Context(), nil)
	return list
}

func suggestion(name, description string) string {
	return sanitize(name) + "\t" + sanitize(description)
}

// bashWords defines the function of the package bash-completion that Cobra's script needs, unless it exists.
const bashWords = `declare -F _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
    words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
}
`

// completion adds Cobra's completion command, and makes its script for bash work without bash-completion.
func (p *program) completion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	bash, _, err := root.Find([]string{"completion", "bash"})
	if err != nil {
		return
	}
	script := bash.RunE
	bash.RunE = func(command *cobra.Command, arguments []string) error {
		if _, err := p.out.WriteString(bashWords); err != nil {
			return err
		}
		return script(command, arguments)
	}
	bash.Long = strings.Replace(bash.Long, "This script depends on the 'bash-completion' package.\n"+
		"If it is not installed already, you can install it via your OS's package manager.\n\n", "", 1)
}
