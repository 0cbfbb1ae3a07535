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

// resolver resolves host names for workers.
type resolver struct {
	log   *logging.Logger
	known map[string]string // last result by name
}

// forWorkers returns an address that Scaler's own code can use: its YMQ accepts neither names nor brackets (2.0.20 to
// 2.9.0). A name that cannot be resolved is returned unchanged.
func (r *resolver) forWorkers(ctx context.Context, a address.Address, kind transport.Kind) string {
	if kind != transport.YMQ || a.Scheme == address.IPC {
		return a.String()
	}
	a.Host = a.Hostname()
	if _, err := netip.ParseAddr(a.Host); err == nil || a.Host == "" {
		return a.String()
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", a.Host)
	if last := r.known[a.Host]; last != "" && (err != nil || len(found) == 0) {
		a.Host = last // workers cannot use a name
		return a.String()
	}
	if err != nil || len(found) == 0 {
		r.log.Warningf("cannot resolve %s for the workers: %v", a.Host, err)
		return a.String()
	}
	// IPv4 first: a scheduler that binds 0.0.0.0 has no IPv6.
	slices.SortStableFunc(found, func(x, y netip.Addr) int { return x.Unmap().BitLen() - y.Unmap().BitLen() })
	name := a.Host
	a.Host = found[0].Unmap().String()
	if r.known[name] != a.Host {
		r.log.Infof("workers use address %s for %s", a.Host, name)
		r.known[name] = a.Host
	}
	return a.String()
}

// workerOptions returns the options that the release's own parser turns into a configuration of workers.
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
		// In every release processors talk YMQ to the object storage.
		given["object_storage_address"] = r.forWorkers(ctx, p.ObjectStorageAddress, transport.YMQ)
	}
	maps.DeleteFunc(given, func(key, _ string) bool { return !p.Given(key) })
	for key, value := range given {
		options[key] = value
	}
	return options
}
