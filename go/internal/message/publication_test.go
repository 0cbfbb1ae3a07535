package message

import (
	"os"
	"path/filepath"
	"testing"
)

func TestPublicationsOfEveryRelease(t *testing.T) {
	for _, release := range recordings(t) {
		for name, want := range map[string]Publication{
			"report": {Managers: 2},
			"task":   {Changed: true},
			"worker": {Changed: true},
		} {
			frame, err := os.ReadFile(filepath.Join(goldenFolder, release.Release, "published_"+name+".bin"))
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := release.codec().Publication(frame); got != want || !ok {
				t.Errorf("%s, %s: %+v, %t", release.Release, name, got, ok)
			}
			moved := release.dialect.Tags()
			moved.Echo++
			if got, ok := NewCodec(moved, release.dialect).Publication(frame); ok {
				t.Errorf("%s, %s, of a release with other tags: %+v", release.Release, name, got)
			}
		}
	}
}

func TestPublicationOfAnotherKind(t *testing.T) {
	codec := NewCodec(Declarative2.Tags(), Declarative2)
	for _, test := range []struct {
		tag  byte
		want Publication
		ok   bool
	}{
		{11, Publication{}, true},            // StateClient
		{14, Publication{Managers: 1}, true}, // a StateScheduler without managers
		{24, Publication{}, false},           // an echo
	} {
		if got, ok := codec.Publication(withTag(test.tag)); got != test.want || ok != test.ok {
			t.Errorf("message %d: %+v, %t", test.tag, got, ok)
		}
	}
	if got, ok := codec.Publication([]byte("garbage!")); ok {
		t.Errorf("garbage: %+v", got)
	}
}
