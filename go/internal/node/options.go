package node

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"slices"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// resolver finds addresses for workers, and remembers what it said last.
type resolver struct {
	log  *logging.Logger
	said map[string]string // by name
}

// forWorkers is an address as Scaler's own code can use it: its YMQ takes neither names nor brackets (2.0.20 to
// 2.9.0), which the manager does. What cannot be resolved is left for the workers to complain about.
func (r *resolver) forWorkers(ctx context.Context, a address.Address, kind transport.Kind) string {
	if kind != transport.YMQ || a.Scheme == address.IPC {
		return a.String()
	}
	a.Host = a.Hostname()
	if _, err := netip.ParseAddr(a.Host); err == nil || a.Host == "" {
		return a.String()
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", a.Host)
	if last := r.said[a.Host]; last != "" && (err != nil || len(found) == 0) {
		a.Host = last // rather than a name, of which the workers can make nothing
		return a.String()
	}
	if err != nil || len(found) == 0 {
		r.log.Warningf("cannot resolve %s for the workers: %v", a.Host, err)
		return a.String()
	}
	// IPv4 first, as a scheduler that binds 0.0.0.0 has no other.
	slices.SortStableFunc(found, func(x, y netip.Addr) int { return x.Unmap().BitLen() - y.Unmap().BitLen() })
	name := a.Host
	a.Host = found[0].Unmap().String()
	if r.said[name] != a.Host {
		r.log.Infof("workers get %s for %s", a.Host, name)
		r.said[name] = a.Host
	}
	return a.String()
}

// workerOptions are what the release's own parser is given to make workers as configured.
func (p plan) workerOptions(ctx context.Context, r *resolver, kind transport.Kind) map[string]any {
	options := map[string]any{
		"scheduler_address":                r.forWorkers(ctx, p.SchedulerAddressOfWorkers(), kind),
		"worker_manager_id":                p.WorkerManagerID,
		"max_task_concurrency":             max(p.MaxTaskConcurrency, 0),
		"per_worker_capabilities":          p.PerWorkerCapabilities.String(),
		"per_worker_task_queue_size":       p.PerWorkerTaskQueueSize,
		"heartbeat_interval_seconds":       p.HeartbeatIntervalSeconds,
		"task_timeout_seconds":             p.TaskTimeoutSeconds,
		"death_timeout_seconds":            p.DeathTimeoutSeconds,
		"garbage_collect_interval_seconds": p.GarbageCollectIntervalSeconds,
		"trim_memory_threshold_bytes":      p.TrimMemoryThresholdBytes,
		"hard_processor_suspend":           p.HardProcessorSuspend,
		"io_threads":                       p.IOThreads,
		"event_loop":                       p.EventLoop,
		"logging_paths":                    p.LoggingPaths,
		"logging_level":                    p.LoggingLevel,
		"mode":                             p.Mode,
	}
	given := map[string]string{
		"preload":     p.Preload,
		"tls_cert":    p.TLSCert,
		"tls_key":     p.TLSKey,
		"worker_type": p.WorkerType,
	}
	if p.Given("object_storage_address") {
		given["object_storage_address"] = r.forWorkers(ctx, p.ObjectStorageAddress, transport.YMQ) // in every release
	}
	maps.DeleteFunc(given, func(key, _ string) bool { return !p.Given(key) })
	for key, value := range given {
		options[key] = value
	}
	return options
}
