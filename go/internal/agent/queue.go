package agent

import "sort"

// queue holds the tasks that wait, in the order in which they run: by priority, then suspended tasks first, then by
// arrival (1.26.0 to 2.9.0).
type queue []*task

// rank is the sort key of a task; the lowest runs first.
func (t *task) rank() int64 {
	rank := -10 * int64(t.priority)
	if t.processor != nil {
		rank--
	}
	return rank
}

func (q *queue) push(t *task) {
	q.insert(t, sort.Search(len(*q), func(i int) bool { return (*q)[i].rank() > t.rank() }))
}

// putBack inserts a task before all others of its rank.
func (q *queue) putBack(t *task) {
	q.insert(t, sort.Search(len(*q), func(i int) bool { return (*q)[i].rank() >= t.rank() }))
}

func (q *queue) insert(t *task, i int) {
	*q = append(*q, nil)
	copy((*q)[i+1:], (*q)[i:])
	(*q)[i] = t
}

func (q *queue) pop() *task {
	first := (*q)[0]
	(*q)[0] = nil
	*q = (*q)[1:]
	return first
}

func (q *queue) remove(t *task) {
	for i, waiting := range *q {
		if waiting == t {
			*q = append((*q)[:i], (*q)[i+1:]...)
			return
		}
	}
}
