//go:build !linux

package stacks

import (
	"context"
	"errors"
	"time"
)

func of(context.Context, int, int, time.Duration) (string, error) {
	return "", errors.New("needs Linux")
}
