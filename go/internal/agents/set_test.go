package agents

import (
	"bytes"
	"os"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	host "github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

func TestTask(t *testing.T) {
	eachWay(t, func(b *bench) {
		scheduler, processor := b.ready(1)
		task := b.task("a")
		scheduler.send(task)
		if got := processor.receive(); !bytes.Equal(got, task) {
			b.Fatalf("the processor received %x", got)
		}
		expect[any](b, b.emitted, Busy{1})
		processor.send(b.result("a"))
		received, err := b.set.options.Codec.Decode(scheduler.expect(tags.TaskResult))
		if err != nil {
			b.Fatal(err)
		}
		b.Logf("%+v", received)
		expect[any](b, b.emitted, Idle{1})
		b.set.Terminate(1)
		if got := scheduler.receive(); !bytes.Equal(got, disconnect) {
			b.Fatalf("the scheduler received %x", got)
		}
		expect[host.Message](b, b.reported, host.Signal{Worker: 1, Pid: os.Getpid(), Signal: int(syscall.SIGTERM)})
		processor.raw.Close()
		b.set.Handle(host.Processor{Worker: 1, Pid: os.Getpid(), State: host.ProcessorEnded})
		expect[any](b, b.emitted, Suspended{1, os.Getpid(), false})
		expect[host.Message](b, b.reported, host.Quit{Worker: 1})
		b.set.Ended(1)
	})
}

// A processor exits right after it has sent its result, and the host reports the exit first.
func TestResultBeforeExit(t *testing.T) {
	eachWay(t, func(b *bench) {
		scheduler, processor := b.busy(1, "a")
		b.set.Handle(host.Processor{Worker: 1, Pid: os.Getpid(), State: host.ProcessorEnded, Status: 9})
		processor.send(b.result("a"))
		processor.raw.Close()
		scheduler.expect(tags.TaskResult)
	})
}

func TestProcessorThatDies(t *testing.T) {
	eachWay(t, func(b *bench) {
		scheduler, _ := b.busy(1, "a")
		// A child may have inherited its connection.
		b.set.Handle(host.Processor{Worker: 1, Pid: os.Getpid(), State: host.ProcessorEnded, Status: 9})
		expect[any](b, b.emitted, Suspended{1, os.Getpid(), false})
		expect[host.Message](b, b.reported, host.Failure{Request: 1, Text: "process_status='zombie' exitcode=-9 (SIGKILL)"})
		await(b, b.reported) // the next processor
		b.set.Handle(host.FailureMade{Request: 1, Error: []byte("pickled")})
		scheduler.expect(tags.ObjectInstruction)
		scheduler.expect(tags.TaskResult)
	})
}

func TestWorkerThatDies(t *testing.T) {
	eachWay(t, func(b *bench) {
		scheduler, _ := b.ready(1)
		b.set.Ended(1)
		if got := scheduler.receive(); !bytes.Equal(got, disconnect) {
			b.Fatalf("the scheduler received %x", got)
		}
	})
}

func TestSchedulerThatComesBack(t *testing.T) {
	eachWay(t, func(b *bench) {
		scheduler, processor := b.busy(1, "a")
		scheduler.raw.Close()
		scheduler = b.accept("s") // the same one
		scheduler.expect(tags.Heartbeat)
		processor.send(b.result("a"))
		scheduler.expect(tags.TaskResult)
		scheduler.send(b.task("b"))
		processor.receive()
		scheduler.raw.Close()
		scheduler = b.accept("t") // another one, which does not know the task
		expect[host.Message](b, b.reported, host.Signal{Worker: 1, Pid: os.Getpid(), Signal: int(syscall.SIGTERM)})
		scheduler.expect(tags.Heartbeat)
	})
}

// A panic of one agent ends only its worker.
func TestPanicOfAnAgent(t *testing.T) {
	eachWay(t, func(b *bench) {
		b.set.Start(1, 1001, "v", disconnect)
		first := b.accept("s")
		first.expect(tags.Heartbeat)
		b.set.do(func() { b.set.members[1].agent = &agent.Agent{} })
		first.send(b.task("a")) // panics: its map is nil
		expect[any](b, b.emitted, Failed{1})
		scheduler, processor := b.ready(2)
		scheduler.send(b.task("a"))
		processor.receive()
	})
}

func TestHold(t *testing.T) {
	eachWay(t, func(b *bench) {
		b.set.Hold(true)
		b.set.Start(1, 1001, "v", disconnect)
		scheduler := b.accept("s")
		scheduler.expect(tags.Heartbeat)
		scheduler.send(b.echo())
		expect[any](b, b.emitted, Registered{1})
		b.set.do(func() {
			if len(b.reported) > 0 {
				b.Errorf("the host is told %+v", <-b.reported)
			}
		})
		b.set.Hold(false)
		await(b, b.reported)
	})
}

// If a processor dies before it has read its task, the next one gets the task.
func TestProcessorDiesBeforeReadingTask(t *testing.T) {
	eachWay(t, func(b *bench) {
		scheduler, processor := b.ready(1)
		b.set.do(func() {}) // so that the host's report is handled
		scheduler.send(b.task("a"))
		expect[any](b, b.emitted, Busy{1})
		processor.raw.Close()
		b.set.Handle(host.Processor{Worker: 1, Pid: os.Getpid(), State: host.ProcessorEnded, Status: 9})
		expect[any](b, b.emitted, Suspended{1, os.Getpid(), false})
		expect[host.Message](b, b.reported, host.Fork{Worker: 1, Storage: "tcp://127.0.0.1:1"})
		processor = b.processor()
		processor.send(b.initialized())
		b.set.Handle(host.Processor{Worker: 1, Pid: os.Getpid(), State: host.ProcessorStarted})
		if got := processor.receive(); !bytes.Equal(got, b.task("a")) {
			b.Fatalf("the processor received %x", got)
		}
	})
}

// A processor that connects after its worker has ended is disconnected.
func TestProcessorOfWorkerThatHasEnded(t *testing.T) {
	eachWay(t, func(b *bench) {
		b.set.Start(1, 1001, "w", disconnect)
		b.accept("s").expect(tags.Heartbeat)
		b.set.Handle(host.Processor{Worker: 1, Pid: os.Getpid(), State: host.ProcessorStarted})
		b.set.Ended(1)
		b.set.Start(2, 1002, "v", disconnect)
		b.accept("s").expect(tags.Heartbeat)
		b.inLoop(func() {
			if len(b.set.byPid) > 0 || len(b.set.usage.processes) > 0 {
				b.Error("its processor is still known")
			}
		})
		b.processor().send(b.initialized())
		b.set.Handle(host.Processor{Worker: 2, Pid: os.Getpid(), State: host.ProcessorStarted})
		until(b, "claimed", func() (is bool) {
			b.inLoop(func() { is = len(b.set.members[2].peers) == 1 })
			return is
		})
	})
}
