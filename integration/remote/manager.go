package remote

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A kind is one of Scaler's managers of machines elsewhere. Each of its machines has two CPUs.
type kind struct {
	name       string   // of the subcommand
	workerType string   // of its workers' ids
	since      int      // the first release with it, as Release.Number
	needs      []string // options without which it does not start
	grace      time.Duration
}

var (
	// ECS sends SIGTERM to the first process of each container, and SIGKILL after 30 s.
	ecs = kind{"aws_raw_ecs", "ECS", 1026, []string{"--ecs-subnets", "subnet-1", "--ecs-task-cpu", "2"}, 30 * time.Second}
	// OCI gives the container of an instance that is deleted no time by default.
	oci = kind{"oci_raw", "OCI_RAW", 2006, []string{"--instance-ocpus", "2", "--compartment-id", "c",
		"--availability-domain", "AD-1", "--subnet-id", "s", "--container-image", "i", "--python-version", "3.11",
		"--requirements-txt", "opengris-scaler"}, 0}
	// The instance is switched off.
	ec2 = kind{"orb_aws_ec2", "ORB", 1026, []string{"--image-id", "ami-1", "--aws-region", "eu-west-1"}, 0}
)

// needThorough skips a test that adds little to the others.
func needThorough(t *testing.T) {
	t.Helper()
	if !thorough {
		t.Skip("only with SCALER_REMOTE=all")
	}
}

// thorough is every manager of every release and every test, which takes minutes.
var thorough = os.Getenv("SCALER_REMOTE") == "all"

// eachManager runs a test for two managers of the newest release, or if thorough for every manager of every release.
func eachManager(t *testing.T, test func(t *testing.T, r cluster.Release, k kind)) {
	only, kinds := cluster.Newest, []kind{ecs, ec2}
	if thorough {
		only, kinds = nil, []kind{ecs, oci, ec2}
	}
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
				if r.Number() < k.since {
					t.Skip("the release has no such manager")
				}
				if k.name == ec2.name && runtime.NumCPU() < 2 {
					t.Skip("instances have two CPUs")
				}
				test(t, r, k)
			}, only...)
		})
	}
}

// concurrency is the --max-task-concurrency for two machines. Up to 2.0 the managers count machines.
func (k kind) concurrency(r cluster.Release) string {
	if r.Number() > 2000 {
		return "4"
	}
	return "2"
}

// machines is how many of the two machines a manager starts. On EC2 from 2.1.4 to 2.5.0 the scheduler takes it to have
// no workers, and asks it for one.
func (k kind) machines(r cluster.Release) int {
	if k.name == ec2.name && r.Number() > 2000 && r.Number() < 2006 {
		return 1
	}
	return 2
}

// shares tells whether the machine's manager has the id of the manager that started it, and not that of its instance.
func (k kind) shares(m *Machine) bool { return !strings.Contains(m.Command, "INSTANCE_ID") }

const parentID = "parent"

// publicAddress is the option for the scheduler's address as workers see it.
func publicAddress(r cluster.Release) string {
	if r.OwnStorage() {
		return "--public-scheduler-address"
	}
	return "--worker-scheduler-address"
}

// arguments are the subcommand, the options that the manager cannot do without, and more.
func (k kind) arguments(r cluster.Release, more ...string) []string {
	arguments := append([]string{k.name}, k.needs...)
	if k.name != ec2.name || r.Number() != 1026 { // that one makes an id of its own
		arguments = append(arguments, "--worker-manager-id", parentID)
	}
	return append(arguments, more...)
}

// startManager starts Scaler's own manager, unmodified but for the cloud's library.
func startManager(t *testing.T, c *cluster.Cluster, cloud *Cloud, k kind, more ...string) *cluster.Process {
	t.Helper()
	arguments := k.arguments(c.Release, c.Address)
	if c.Release.Number() >= 2009 {
		arguments = append(arguments, "--scale-down-cooldown-seconds", "1")
	}
	command := exec.Command(c.Release.Program("scaler_worker_manager"), append(arguments, more...)...)
	command.Dir = c.Mark.Dir
	command.Env = append(c.Mark.Environment(t, parentID, "PYTHONUNBUFFERED=1", "SCALER_TEST_CLOUD="+cloud.socket(),
		"PYTHONPATH="+cluster.Repository("integration", "remote", "sdk")), c.Environment...)
	return cluster.StartProcess(t, k.name, command, false)
}
