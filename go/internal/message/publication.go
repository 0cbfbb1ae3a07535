package message

// What schedulers publish, by its place behind StateClient, which is the first of table's published tags. The place is
// the same in all dialects.
const (
	placeOfReport = 3 // StateScheduler, all there is; every second by default
	placeOfWorker = 4 // StateWorker: one came or went
	placeOfTask   = 5 // StateTask: one came, or is in another state
)

// The way to the list of managers in a report, by pointers of its structs.
const (
	scalingStatus   = 6 // of StateScheduler
	managedManagers = 0 // of ScalingManagerStatus
)

// Publication is a message for monitors, as far as it is of use to a manager.
type Publication struct {
	Changed  bool // a task or a worker came, went, or is in another state
	Managers int  // how many the scheduler knows; 0 if this is no report
}

// Publication reads a message for monitors. It is false for any other, and for all messages of a release whose tags are
// not those of its dialect: only those of managers are known then.
func (c Codec) Publication(data []byte) (p Publication, ok bool) {
	root, err := open(data)
	if err != nil || c.tags != c.dialect.Tags() || !c.dialect.publishes(root.Tag()) {
		return p, false
	}
	switch root.Tag() - table[c.dialect].published[0] {
	case placeOfWorker, placeOfTask:
		p.Changed = true
	case placeOfReport:
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
