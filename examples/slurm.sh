#!/usr/bin/env bash
# Workers of a Scaler scheduler as a Slurm job: one manager on each node.
#
#     sbatch --nodes=4 --time=08:00:00 slurm.sh tcp://scheduler.example:8516 [more options of the manager]
#
# Before the time limit the managers drain: running tasks may finish, queued ones run elsewhere. The same happens at any
# time on `scancel --batch --signal=TERM JOB`. A plain scancel, requeue and preemption stop tasks at once, also in a
# partition with GraceTime=: Slurm then signals workers and tasks as well. Tasks that were stopped run elsewhere.

#SBATCH --job-name=scaler-workers
#SBATCH --nodes=1
#SBATCH --cpus-per-task=4
#SBATCH --time=01:00:00
# SIGTERM for this shell alone, 90 s before the time limit or up to 60 s earlier.
#SBATCH --signal=B:TERM@90

set -euo pipefail

# How many seconds running tasks have to finish: 90 less --stop-timeout-seconds (10), and some for Slurm.
readonly DRAIN=70

# The programs are in the virtual environment that has Scaler, on a file system that all nodes share.
manager=${SCALER_WORKER_MANAGER:-/opt/scaler/bin/scaler_worker_manager}
scheduler=${1:?the address of the scheduler, e.g. tcp://scheduler.example:8516}
shift

# Local to each node, and of this job only: the user may have other managers there.
socket=/tmp/scaler-native-$SLURM_JOB_ID.sock

# Each worker gets its share of the job's memory (--mem or --mem-per-cpu), less 200 MiB for the manager and the worker
# host. Its own task fails then, and Slurm does not end the whole job, whose tasks would end the next job elsewhere.
share=${SLURM_MEM_PER_CPU:-$((${SLURM_MEM_PER_NODE:-0} / SLURM_CPUS_PER_TASK))}
share=$((share - 200 / SLURM_CPUS_PER_TASK))
if ((share > 0)); then set -- --worker-memory-limit "${share}MiB" "$@"; fi

# On SIGTERM, srun would kill the managers. A second step makes them drain instead.
# shellcheck disable=SC2329  # the trap calls it
drain() {
    drained=1
    trap '' TERM  # Slurm sends another one at the time limit
    srun --overlap --ntasks-per-node=1 --cpus-per-task=1 "$(dirname "$manager")/scaler-native" \
        drain --end --deadline "$DRAIN" --socket "$socket" || echo "some managers do not drain" >&2
}

# Since Slurm 22.05 srun does not inherit --cpus-per-task from sbatch. --kill-on-bad-exit=0: if one manager fails, those
# on other nodes go on.
srun --ntasks-per-node=1 --cpus-per-task="$SLURM_CPUS_PER_TASK" --kill-on-bad-exit=0 --label \
    "$manager" baremetal_native "$scheduler" \
    --max-task-concurrency "$SLURM_CPUS_PER_TASK" --control-socket "$socket" "$@" &
managers=$!

# A signal ends the first wait early.
drained=
trap drain TERM
status=0
wait "$managers" || status=$?
if [[ $drained ]]; then
    status=0
    wait "$managers" || status=$?
fi
exit "$status"
