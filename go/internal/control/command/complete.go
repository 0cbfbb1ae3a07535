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

// shellPatience is how many seconds a shell waits for what it offers.
const shellPatience = 1

// completeManagers offers one manager as an argument.
func (p *program) completeManagers(command *cobra.Command, former []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(former) > 0 || p.manager != "" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return p.completeManager(command, nil, begun)
}

// completeManager offers pids, which shells need not quote, or ids to who has begun one.
func (p *program) completeManager(command *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	var offers []string
	for _, manager := range p.offered(command) {
		m := &manager.State.Value
		if pid := strconv.Itoa(m.Pid); strings.HasPrefix(pid, begun) {
			offers = append(offers, offer(pid, m.ID+", "+m.Phase))
		} else if strings.HasPrefix(m.ID, begun) {
			offers = append(offers, offer(m.ID, fmt.Sprintf("pid %d, %s", m.Pid, m.Phase)))
		}
	}
	return offers, cobra.ShellCompDirectiveNoFileComp
}

// completeWorkers offers pids, or the ends of ids.
func (p *program) completeWorkers(command *cobra.Command, former []string, begun string) ([]string, cobra.ShellCompDirective) {
	var offers []string
	if len(former) > 0 && command.Name() != "restart" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	for _, manager := range p.offered(command) {
		for _, w := range manager.State.Value.Members {
			text := top.Phase(w)
			if task := top.Current(w); task != nil && task.Function != "" {
				text += " with " + task.Function
			}
			if pid := strconv.Itoa(w.Pid); w.Pid != 0 && strings.HasPrefix(pid, begun) {
				offers = append(offers, offer(pid, format.Short(w.ID)+", "+text))
			} else if name := format.Short(w.ID); name != "" && strings.HasPrefix(name, begun) {
				offers = append(offers, offer(name, fmt.Sprintf("pid %d, %s", w.Pid, text)))
			}
		}
	}
	return offers, cobra.ShellCompDirectiveNoFileComp
}

// offered are the managers that answer at once.
func (p *program) offered(command *cobra.Command) []client.Found {
	p.seconds = min(p.seconds, shellPatience)
	list, _ := p.some(command.Context(), nil)
	return list
}

func offer(name, description string) string { return clean(name) + "\t" + clean(description) }

// bashWords stands in for what Cobra's script for bash has of the package bash-completion, where that is not loaded.
const bashWords = `declare -F _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
    words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
}
`

// completion is Cobra's command for the scripts of shells.
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
