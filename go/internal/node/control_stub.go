package node

import (
	"context"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

func (n *node) Logs(string) ([]state.Line, error) { return nil, control.ErrRefused }
func (n *node) Stacks(context.Context, string) (state.Stacks, error) {
	return state.Stacks{}, control.ErrRefused
}
