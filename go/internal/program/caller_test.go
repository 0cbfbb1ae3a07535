package program

import (
	"os"
	"reflect"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

func TestTakeCaller(t *testing.T) {
	own := []string{"scaler_worker_manager", "baremetal_native"}
	tests := []struct {
		name, variable string
		want           caller
		refused        bool
	}{
		{"none", "", caller{Program: protocol.Program{Argv: own}}, false},
		{"a program", `{"argv": ["my.py"], "path": ["/srv"], "prepare": {"start_method": "fork"}, "parent": 7}`,
			caller{protocol.Program{
				Argv: []string{"my.py"}, Path: []string{"/srv"}, Prepare: map[string]string{"start_method": "fork"},
			}, 7}, false},
		{"rubbish", `{"argv": "my.py"}`, caller{}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(callerVariable, test.variable)
			if test.variable == "" {
				os.Unsetenv(callerVariable)
			}
			got, err := takeCaller(own)
			if refused := err != nil; refused != test.refused || !refused && !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
			if _, left := os.LookupEnv(callerVariable); left {
				t.Error("workers inherit the variable")
			}
		})
	}
}

func TestCloseInheritedOnExec(t *testing.T) {
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(pipe[0])
	defer syscall.Close(pipe[1])
	closeInheritedOnExec()
	for _, descriptor := range pipe {
		flags, _, errno := syscall.Syscall(syscall.SYS_FCNTL, uintptr(descriptor), syscall.F_GETFD, 0)
		if errno != 0 || flags&syscall.FD_CLOEXEC == 0 {
			t.Errorf("descriptor %d is not close-on-exec (%v)", descriptor, errno)
		}
	}
}
