package message

// Messages for monitors: tags relative to StateClient, the first of table's published tags, in all dialects.
const (
	offsetOfReport = 3 // StateScheduler: the whole state; every second by default
	offsetOfWorker = 4 // StateWorker: a worker connected or disconnected
	offsetOfTask   = 5 // StateTask: a task is new, or changed its state
)

// Pointer fields that lead to the list of managers in a StateScheduler.
const (
	scalingStatus   = 6 // of StateScheduler
	managedManagers = 0 // of ScalingManagerStatus
)

// Publication is what a manager needs from a message for monitors.
type Publication struct {
	Changed  bool // a task or a worker changed
	Managers int  // number of managers connected to the scheduler; 0 if unknown
}

// Publication decodes a message for monitors. ok is false for other messages, and for all messages if the installed
// Scaler has other tags than the dialect, because then the tags of these messages are unknown.
func (c Codec) Publication(data []byte) (p Publication, ok bool) {
	root, err := open(data)
	if err != nil || c.tags != c.dialect.Tags() || !c.dialect.publishes(root.Tag()) {
		return p, false
	}
	switch root.Tag() - table[c.dialect].published[0] {
	case offsetOfWorker, offsetOfTask:
		p.Changed = true
	case offsetOfReport:
		p.Managers = 1
		if body, err := root.Body(); err == nil {
			if status, err := body.Struct().Ptr(scalingStatus); err == nil {
				if managers, err := status.Struct().Ptr(managedManagers); err == nil {
					p.Managers = max(1, managers.List().Len())
				}
			}
		}
	}
	return p, true
}
