package agents

import (
	"context"
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	host "github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

// storeTime bounds the storing of an error.
const storeTime = 30 * time.Second

// failure is the error of a task whose processor died, on its way to the object storage.
type failure struct {
	member *member
	agent.StoreFailure
}

// storeFailure has the host make the error, which is an object of Python.
func (s *Set) storeFailure(m *member, f agent.StoreFailure) {
	s.requests++
	s.failures[s.requests] = failure{member: m, StoreFailure: f}
	s.options.Tell(host.Failure{Request: s.requests, Text: f.Text})
}

func (s *Set) failureMade(made host.FailureMade) {
	f, asked := s.failures[made.Request]
	delete(s.failures, made.Request)
	if !asked || f.member.removed {
		return
	}
	s.run(func() {
		ctx, cancel := context.WithTimeout(s.ctx, storeTime)
		defer cancel()
		object := protocol.NewObjectID(f.Source)
		err := s.options.StoreObject(ctx, f.Storage, object, made.Error)
		s.do(func() {
			if f.member.removed {
				return
			}
			if err != nil {
				s.handle(f.member, agent.NotStored{TaskID: f.TaskID, Err: fmt.Errorf("object storage: %w", err)})
				return
			}
			s.handle(f.member, agent.Stored{TaskID: f.TaskID, Object: object})
		})
	})
}
