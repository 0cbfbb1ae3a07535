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
func (n *node) Drain(state.Drain) error     { return control.ErrRefused }
func (n *node) Resume() error               { return control.ErrRefused }
func (n *node) Resize(state.Resize) error   { return control.ErrRefused }
func (n *node) Restart(state.Restart) error { return control.ErrRefused }
func (n *node) Stop() error                 { return control.ErrRefused }
