package commandline

import "fmt"

// argumentError is an error about one option.
type argumentError struct {
	title string
	err   error
}

func (e *argumentError) Error() string { return fmt.Sprintf("argument %s: %v", e.title, e.err) }
func (e *argumentError) Unwrap() error { return e.err }

// consume gives arguments to options and to the positional argument by turns, as argparse does: up to the last option,
// then to the end.
func (r *run) consume() error {
	last := -1
	for i, found := range r.matches {
		if found != nil {
			last = i
		}
	}
	at := 0
	for at <= last {
		next := at
		for r.matches[next] == nil {
			next++
		}
		after, err := r.consumePositional(at, next)
		if err != nil {
			return err
		}
		if after > at {
			at = after
			continue
		}
		r.extras = append(r.extras, r.arguments[at:next]...)
		if at, err = r.consumeOption(next); err != nil {
			return err
		}
	}
	at, err := r.consumePositional(at, len(r.arguments))
	if err != nil {
		return err
	}
	r.extras = append(r.extras, r.arguments[at:]...)
	return nil
}

// consumePositional gives the positional argument its value if there is one before end, and skips "--" on either side.
func (r *run) consumePositional(at, end int) (int, error) {
	if r.positional == nil {
		return at, nil
	}
	value := at
	if value == r.separator {
		value++
	}
	if value >= end {
		return at, nil
	}
	positional := r.positional
	r.positional = nil
	if err := r.take(positional, positional.title, r.arguments[value:value+1]); err != nil {
		return at, err
	}
	after := value + 1
	if after == r.separator {
		after++
	}
	return after, nil
}

// consumeOption takes the option at an index, and returns the index after its last value.
func (r *run) consumeOption(at int) (int, error) {
	found := r.matches[at]
	o := found.option
	if o == nil {
		r.extras = append(r.extras, r.arguments[at])
		return at + 1, nil
	}
	if found.attached {
		if o.arity == none {
			return at, &argumentError{o.title, fmt.Errorf("ignored explicit argument %q", found.value)}
		}
		return at + 1, r.take(o, found.name, []string{found.value})
	}
	end := at + 1
	for end < len(r.arguments) && r.matches[end] == nil && end != r.separator {
		end++
	}
	values := r.arguments[at+1 : end]
	switch o.arity {
	case none, attached:
		values = nil
	case one:
		if len(values) == 0 {
			return at, &argumentError{o.title, fmt.Errorf("expected one argument")}
		}
		values = values[:1]
	}
	return at + 1 + len(values), r.take(o, found.name, values)
}

func (r *run) take(o *option, spelling string, values []string) error {
	if err := o.take(spelling, values); err != nil {
		return &argumentError{o.title, err}
	}
	return nil
}
