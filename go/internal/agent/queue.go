package agent

import "sort"

// queue is the tasks that wait, in the order in which they are to run: by priority, of one priority the suspended ones
// first, then those that came first (1.26.0 to 2.9.0).
type queue []*task

// rank orders tasks, the lowest first.
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

// putBack has a task come before all others of its rank.
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
