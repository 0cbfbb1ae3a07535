package metrics

import "github.com/scaler-native/scaler-native/go/internal/control/state"

// table has all metrics. Those that begin with process_ have the names of Prometheus' client libraries.
var table = []Metric{
	{Name: "scaler_native_build_info", Type: Gauge, Labels: []string{"version", "scaler", "python"},
		Help: "Always 1. Versions of scaler-native, Scaler and Python; the latter two are empty until the worker host is " +
			"ready.",
		values: func(m *state.Manager, emit emitter) { emit(1, m.Program, m.Scaler, m.Python) }},
	{Name: "scaler_native_manager_info", Type: Gauge, Labels: []string{"mode", "agent", "protocol"},
		Help: "Always 1. Mode (dynamic, fixed), kind of agents (native, scaler) and the scheduler's protocol " +
			"(ZMQ, YMQ 1, ...); the latter two are empty until they are known.",
		values: func(m *state.Manager, emit emitter) { emit(1, m.Mode, m.Agent, m.Scheduler.Protocol) }},
	{Name: "scaler_native_phase", Type: Gauge, Labels: []string{"phase"},
		Help: "1 for the manager's current phase, 0 for the others: starting, waiting (for a scheduler), serving, " +
			"draining, drained, stopping.",
		values: func(m *state.Manager, emit emitter) {
			for _, phase := range phases {
				emit(number(phase == m.Phase), phase)
			}
		}},

	{Name: "scaler_native_scheduler_connected", Type: Gauge,
		Help:   "1 while the manager is connected to its scheduler, else 0.",
		values: func(m *state.Manager, emit emitter) { emit(number(m.Scheduler.Connected)) }},
	{Name: "scaler_native_scheduler_reconnects_total", Type: Counter, Unit: "connections",
		Help:   "Number of reconnects to the scheduler.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Scheduler.Reconnects)) }},
	{Name: "scaler_native_scheduler_heartbeat_latency_seconds", Type: Gauge, Unit: "seconds",
		Help: "Time until the scheduler answered the last heartbeat, in seconds. Absent before the first answer.",
		values: func(m *state.Manager, emit emitter) {
			if m.Scheduler.Latency > 0 {
				emit(m.Scheduler.Latency)
			}
		}},

	{Name: "scaler_native_workers_desired", Type: Gauge, Unit: "workers",
		Help:   "Workers that there should be: as the scheduler requests, or in fixed mode as configured.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Workers.Desired)) }},
	{Name: "scaler_native_workers_actual", Type: Gauge, Unit: "workers",
		Help:   "Workers starting or running, without those draining or stopping.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Workers.Actual)) }},
	{Name: "scaler_native_workers_registered", Type: Gauge, Unit: "workers",
		Help:   "Workers registered with the scheduler.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Workers.Registered)) }},
	{Name: "scaler_native_workers_busy", Type: Gauge, Unit: "workers",
		Help:   "Workers with a task.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Workers.Busy)) }},
	{Name: "scaler_native_workers_draining", Type: Gauge, Unit: "workers",
		Help:   "Workers that are finishing their tasks before they end.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Workers.Draining)) }},
	{Name: "scaler_native_workers_stopping", Type: Gauge, Unit: "workers",
		Help:   "Workers that were told to stop and have not ended yet.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Workers.Stopping)) }},
	{Name: "scaler_native_workers_started_total", Type: Counter, Unit: "workers",
		Help:   "Workers started.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Workers.Started)) }},
	{Name: "scaler_native_workers_ended_total", Type: Counter, Unit: "workers",
		Help:   "Workers ended, for whatever reason.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Workers.Ended)) }},
	{Name: "scaler_native_workers_failed_total", Type: Counter, Unit: "workers",
		Help:   "Workers that died, or could not be started.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Workers.Failed)) }},
	{Name: "scaler_native_worker_deaths_total", Type: Counter, Unit: "workers", Labels: []string{"cause"},
		Help: "Workers that died, by cause: a signal (SIGKILL), an exit status (exit 1), or other.",
		values: func(m *state.Manager, emit emitter) {
			for cause, count := range deaths(m) {
				emit(float64(count), cause)
			}
		}},
	{Name: "scaler_native_host_restarts_total", Type: Counter, Unit: "restarts",
		Help:   "Restarts of the worker host, the Python process that workers are forked from.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Workers.HostRestarts)) }},
	{Name: "scaler_native_workers_cpu_cores", Type: Gauge, Unit: "CPUs", Native: true,
		Help: "CPUs that the processors of all workers used between the last two heartbeats.",
		values: func(m *state.Manager, emit emitter) {
			cpu, _ := m.Usage()
			emit(cpu)
		}},
	{Name: "scaler_native_workers_memory_bytes", Type: Gauge, Unit: "bytes", Labels: []string{"kind"}, Native: true,
		Help: "Memory of the processors of all workers, in bytes. Kind pss divides shared pages among the processes, rss " +
			"counts them in each. Which one depends on the release of Scaler.",
		values: func(m *state.Manager, emit emitter) {
			_, memory := m.Usage()
			emit(float64(memory), m.MemoryKind)
		}},

	{Name: "scaler_native_tasks_queued", Type: Gauge, Unit: "tasks", Native: true,
		Help:   "Tasks queued at workers.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Tasks.Queued)) }},
	{Name: "scaler_native_tasks_running", Type: Gauge, Unit: "tasks", Native: true,
		Help:   "Tasks running, including suspended ones.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Tasks.Running)) }},
	{Name: "scaler_native_tasks_total", Type: Counter, Unit: "tasks", Labels: []string{"outcome"}, Native: true,
		Help: "Tasks ended, by outcome: succeeded, failed (by an exception), cancelled, died (with their processor). " +
			"Does not count tasks that were returned to the scheduler.",
		values: func(m *state.Manager, emit emitter) {
			emit(float64(m.Tasks.Succeeded), "succeeded")
			emit(float64(m.Tasks.Failed), "failed")
			emit(float64(m.Tasks.Cancelled), "cancelled")
			emit(float64(m.Tasks.Died), "died")
		}},
	{Name: "scaler_native_task_duration_seconds", Type: Histogram, Unit: "seconds", Native: true,
		Help:      "Time from the start of a task to its end, in seconds, of tasks that succeeded or failed.",
		histogram: func(m *state.Manager) state.Histogram { return m.Runs }},
	{Name: "scaler_native_task_wait_seconds", Type: Histogram, Unit: "seconds", Native: true,
		Help:      "Time from the arrival of a task at a worker to its start, in seconds.",
		histogram: func(m *state.Manager) state.Histogram { return m.Waits }},

	{Name: "scaler_native_spare_processors", Type: Gauge, Unit: "processors", Native: true,
		Help:   "Spare processors, kept ready for a task.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Spares.Ready)) }},
	{Name: "scaler_native_spare_processors_memory_bytes", Type: Gauge, Unit: "bytes", Native: true,
		Help:   "Memory of spare processors, in bytes.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Spares.Bytes)) }},

	{Name: "process_cpu_seconds_total", Type: Counter, Unit: "seconds",
		Help:   "CPU time of the manager process itself, in seconds.",
		values: func(m *state.Manager, emit emitter) { emit(m.CPU) }},
	{Name: "process_resident_memory_bytes", Type: Gauge, Unit: "bytes",
		Help:   "RSS of the manager process itself, in bytes.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.RSS)) }},
	{Name: "process_start_time_seconds", Type: Gauge, Unit: "seconds",
		Help:   "Start time of the manager, in seconds since 1970.",
		values: func(m *state.Manager, emit emitter) { emit(float64(m.Started.UnixMilli()) / 1000) }},
}

type emitter = func(value float64, labels ...string)

var phases = []string{state.Starting, state.Waiting, state.Serving, state.Draining, state.Drained, state.Stopping}

func number(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
