// Package integration is the map of the tests of the built binary against real schedulers, object storage servers and
// clients of every release in .venvs. It has no code; each folder is a package of its own:
//
//   - workers: how workers start, work, drain, end and are replaced
//   - agents: the agent of a worker that is a part of the manager
//   - schedulers: how a manager finds a scheduler and talks with it: transports, TLS, peers that are no scheduler
//   - containers: a manager that is process 1
//   - options: every option and variable reaches what it is for
//   - control: status, metrics, stacks, logs, and what a manager is told to do while it runs
//   - faults: what comes of a fault, beside Scaler's own manager; chaos, soak and scale
//   - limits: managers with few rights, files, system calls and resources, beside Scaler's own
//   - hosts: several hosts, which are network namespaces: latency, partitions, hosts that vanish or move
//   - conformance, parity, differential: the same for both managers, compared value by value (see compared)
//   - dropin: the wheel in an environment of Scaler's
//   - remote: Scaler's own managers of machines elsewhere (ECS, OCI, EC2) start this program on them
//   - internal/cluster: clusters, managers and clients for all of them
//   - internal/installed: environments of releases with the wheel in them
//   - clients: the Python programs that the tests run beside a cluster
//   - requirements: lock files of the tested releases
//
// One test: make build, then SCALER_RELEASES="2.9.0" go test -count=1 -timeout 3m -run TestFixed ./workers in this
// folder. SCALER_RELEASES picks releases. The binary is the one of SCALER_WORKER_MANAGER, else
// bin/scaler_worker_manager; "python" stands for the Python manager of each release and shows what upstream does.
package integration
