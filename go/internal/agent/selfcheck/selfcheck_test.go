package selfcheck

import (
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/message"
)

var codec = protocol.NewCodec(protocol.TagsOf(message.Declarative2))

func TestFramesOfAllSentMessages(t *testing.T) {
	frames, err := Frames(codec)
	if err != nil {
		t.Fatal(err)
	}
	all, err := samples()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, sample := range all {
		if frames[sample.Name] != nil {
			kinds[sample.Kind]++
		}
	}
	want := map[string]int{"taskResult": 3, "taskCancelConfirm": 3, "objectInstruction": 2, "workerHeartbeat": 3}
	for kind, number := range want {
		if kinds[kind] != number {
			t.Errorf("%d samples of %s, want %d", kinds[kind], kind, number)
		}
	}
	if len(kinds) != len(want) {
		t.Errorf("samples of %v", kinds)
	}
}

func TestDifferencesNameTheField(t *testing.T) {
	for want, pair := range map[string][2]protocol.Message{
		"": {
			protocol.TaskResult{TaskID: "t", Metadata: []byte{}, Results: [][]byte{}, Type: protocol.Failed},
			protocol.TaskResult{TaskID: "t", Type: protocol.Failed},
		},
		"Priority is 0, not -3":   {protocol.Task{Frame: []byte{1}}, protocol.Task{Priority: -3}},
		`TaskID is "b", not "a"`:  {protocol.TaskCancel{TaskID: "b"}, protocol.TaskCancel{TaskID: "a"}},
		"it decodes as Echo, not": {protocol.Echo{}, protocol.Task{}},
		`Results is ["b"], not ["a"`: {
			protocol.TaskResult{Results: [][]byte{{'b'}}}, protocol.TaskResult{Results: [][]byte{{'a'}}},
		},
	} {
		if got := difference(pair[0], pair[1]); !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMissingAndMalformedMessagesAreNamed(t *testing.T) {
	if err := Compare(codec, nil); err == nil || err.Error() != "message task is missing" {
		t.Error(err)
	}
	if err := Compare(codec, map[string][]byte{"task": {1}}); err == nil || !strings.HasPrefix(err.Error(), "task: ") {
		t.Error(err)
	}
}
