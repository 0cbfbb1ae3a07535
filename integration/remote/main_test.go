package remote

import (
	"os"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/installed"
)

func TestMain(m *testing.M) { os.Exit(installed.Main(m)) }
