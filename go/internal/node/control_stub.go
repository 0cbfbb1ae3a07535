package node

import (
	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

func (n *node) Logs(string) ([]state.Line, error) { return nil, control.ErrRefused }
