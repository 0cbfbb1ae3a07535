package node

import (
	"context"
	"fmt"
	"runtime"

	agentprotocol "github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/agent/selfcheck"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/scaler"
	"github.com/scaler-native/scaler-native/python"
)

// The values of --worker-agent.
const (
	agentAuto   = "auto"
	agentNative = "native"
	agentScaler = "scaler"
)

// checkMessages starts comparing the agent's messages with those of the installed Scaler. The returned function waits
// for the result: how they differ, "" if they do not. Meanwhile the scheduler can be looked for.
func (n *node) checkMessages(
	ctx context.Context, release scaler.Release, ready protocol.Ready,
) (differing func() string) {
	if n.plan.WorkerAgent == agentScaler || whyNotNative(ready) != "" {
		return func() string { return "" }
	}
	answer := make(chan string, 1)
	n.run(func() { answer <- n.compareMessages(ctx, release, ready) })
	return func() string { return <-answer }
}

func (n *node) compareMessages(ctx context.Context, release scaler.Release, ready protocol.Ready) string {
	codec := agentprotocol.NewCodec(release.AgentTags(ready.Agent.Tags))
	frames, err := selfcheck.Frames(codec)
	if err != nil {
		return err.Error()
	}
	checked, err := n.host.Check(ctx, protocol.Check{Samples: python.AgentSamples, Frames: frames})
	switch {
	case err != nil:
		return fmt.Sprintf("the messages of its agent cannot be compared: %v", err)
	case checked.Error != "":
		return "it misreads the messages of the native agent: " + checked.Error
	}
	if err := selfcheck.Compare(codec, checked.Frames); err != nil {
		return fmt.Sprintf("the messages to its agent differ: %v", err)
	}
	return ""
}

// chooseAgent decides whether workers get native agents, which run in the manager. differing is the result of
// checkMessages. The warning is one line, or "". It returns an error if --worker-agent native is impossible.
func chooseAgent(wanted string, ready protocol.Ready, differing string) (native bool, warning string, err error) {
	if wanted == agentScaler {
		return false, "", nil
	}
	reason := whyNotNative(ready)
	if reason == "" && differing != "" {
		reason = fmt.Sprintf("Scaler %s is not understood: %s", ready.Scaler, differing)
	}
	const slower = "workers have Scaler's own agents, which are slower and take more memory: "
	known := scaler.KnowsAgent(ready.Agent.Digest)
	switch {
	case reason != "" && wanted == agentNative:
		return false, "", fmt.Errorf("worker_agent native is not possible: %s", reason)
	case reason != "":
		return false, slower + reason, nil
	case !known && wanted == agentNative:
		return true, fmt.Sprintf("the agent of Scaler %s is not known here, but its messages are as expected: "+
			"workers have native agents", ready.Scaler), nil
	case !known:
		return false, fmt.Sprintf("%sthe agent of Scaler %s is not known here. Its messages are as expected: "+
			"--worker-agent native uses native agents anyway", slower, ready.Scaler), nil
	}
	return true, "", nil
}

// whyNotNative returns why native agents are impossible whatever the messages are, "" if they are not.
func whyNotNative(ready protocol.Ready) string {
	facts := ready.Agent
	switch {
	case runtime.GOOS != "linux":
		return "the native agent needs Linux"
	case ready.NoFork != "":
		return ready.NoFork
	case facts.Missing != "":
		return fmt.Sprintf("Scaler %s makes processors in an unknown way: %s", ready.Scaler, facts.Missing)
	case facts.KillDelay <= 0:
		return fmt.Sprintf("Scaler %s does not say how long a processor may take to exit", ready.Scaler)
	}
	for _, name := range []string{"task_flags", "profile"} {
		if found, want := facts.Formats[name], scaler.AgentFormats[name]; found != want {
			return fmt.Sprintf("Scaler %s packs %s as %q, not %q", ready.Scaler, name, found, want)
		}
	}
	return ""
}
