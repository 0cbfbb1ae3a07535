package agents

import (
	"context"
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	host "github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

// storeTimeout limits how long storing an error may take.
const storeTimeout = 30 * time.Second

// failure is the error of a task whose processor died, until it is stored.
type failure struct {
	member *member
	agent.StoreError
}

// storeError has the host serialize the error, which is a Python object.
func (s *Set) storeError(m *member, f agent.StoreError) {
	s.requests++
	s.failures[s.requests] = failure{member: m, StoreError: f}
	s.options.Tell(host.Failure{Request: s.requests, Text: f.Text})
}

func (s *Set) onFailureMade(made host.FailureMade) {
	f, asked := s.failures[made.Request]
	delete(s.failures, made.Request)
	if !asked || f.member.removed {
		return
	}
	s.run(func() {
		ctx, cancel := context.WithTimeout(s.ctx, storeTimeout)
		defer cancel()
		object := protocol.NewObjectID(f.Source)
		err := s.options.StoreObject(ctx, f.Storage, object, made.Error)
		s.do(func() {
			if f.member.removed {
				return
			}
			if err != nil {
				s.handle(f.member, agent.StoreFailed{TaskID: f.TaskID, Err: fmt.Errorf("object storage: %w", err)})
				return
			}
			s.handle(f.member, agent.ErrorStored{TaskID: f.TaskID, Object: object})
		})
	})
}
