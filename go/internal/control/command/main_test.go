package command

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// beVariable makes the test's binary run the program.
const beVariable = "SCALER_NATIVE_TEST_BE"

func TestMain(m *testing.M) {
	if os.Getenv(beVariable) != "" {
		os.Exit(Main(os.Args))
	}
	os.Exit(m.Run())
}

// As in "scaler-native ... | head".
func TestReaderThatLeaves(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = reader.Close()
	defer writer.Close()
	var errors bytes.Buffer
	command := exec.Command(os.Args[0], "completion", "bash")
	command.Env = append(os.Environ(), beVariable+"=1")
	command.Stdout, command.Stderr = writer, &errors
	if err := command.Run(); err == nil || !strings.Contains(err.Error(), "broken pipe") || errors.Len() > 0 {
		t.Errorf("%v, %s", err, errors.String())
	}
}
