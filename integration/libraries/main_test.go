package libraries

import (
	"os"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

func TestMain(m *testing.M) { os.Exit(cluster.Main(m)) }
