package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/client"
)

// here are the managers of this host, or the one of --socket.
func (p *program) here(ctx context.Context) ([]client.Found, error) {
	if p.socket != "" {
		found, err := client.At(ctx, p.socket, p.patience())
		return []client.Found{found}, err
	}
	list, err := client.Find(ctx, p.patience())
	if len(list) == 0 {
		text := "no manager of this user runs here, or none that has its control socket in the usual place (--socket names another one)"
		if err != nil {
			text += "; " + err.Error()
		}
		return nil, missing{errors.New(text)}
	}
	if err != nil {
		p.warn(err)
	}
	return list, nil
}

// one is the manager that is named, by an argument or --manager, or the only one.
func (p *program) one(ctx context.Context, names []string) (client.Found, error) {
	list, err := p.some(ctx, names)
	if err != nil {
		return client.Found{}, err
	}
	if len(list) > 1 {
		return client.Found{}, misuse{fmt.Errorf("%d managers run here: name one with --manager; %s", len(list), hint(list))}
	}
	return list[0], list[0].Err
}

// some are the manager that is named, or all.
func (p *program) some(ctx context.Context, names []string) ([]client.Found, error) {
	name := p.manager
	if len(names) > 0 {
		if name != "" {
			return nil, misuse{errors.New("the manager is named twice")}
		}
		name = names[0]
	}
	list, err := p.here(ctx)
	if err != nil || name == "" {
		return list, err
	}
	found, err := named(list, name)
	return []client.Found{found}, err
}

// named is the manager with a name.
func named(list []client.Found, name string) (client.Found, error) {
	var partly []client.Found
	var silent error
	for _, manager := range list {
		id := manager.State.Value.ID
		switch {
		case name != "" && (id == name || strconv.Itoa(manager.Pid()) == name):
			return manager, manager.Err
		case manager.Err != nil:
			silent = manager.Err
		case control.IsPart(name, id):
			partly = append(partly, manager)
		}
	}
	switch {
	case len(partly) == 1:
		return partly[0], nil
	case len(partly) > 1:
		return client.Found{}, misuse{fmt.Errorf("%q can be %d managers; %s", name, len(partly), hint(partly))}
	case silent != nil:
		return client.Found{}, fmt.Errorf("there is no manager %q, or it is one that does not say so: %w; %s", name, silent, hint(list))
	}
	return client.Found{}, missing{fmt.Errorf("there is no manager %q; %s", name, hint(list))}
}

// listed is how many managers an error names.
const listed = 8

// hint says which managers there are.
func hint(list []client.Found) string {
	var names []string
	for _, manager := range list {
		id := manager.State.Value.ID
		if manager.Err != nil {
			id = "one that does not answer"
		}
		names = append(names, fmt.Sprintf("%s (pid %d)", id, manager.Pid()))
	}
	if more := len(names) - listed; more > 0 {
		names = append(names[:listed], fmt.Sprintf("%d more", more))
	}
	return "managers here: " + strings.Join(names, ", ")
}
