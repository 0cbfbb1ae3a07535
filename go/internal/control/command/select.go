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

// findManagers returns the managers of this host, or the one of --socket.
func (p *program) findManagers(ctx context.Context) ([]client.Found, error) {
	if p.socket != "" {
		found, err := client.At(ctx, p.socket, p.timeout())
		return []client.Found{found}, err
	}
	list, err := client.Find(ctx, p.timeout())
	if len(list) == 0 {
		text := "found no manager of this user; --socket names one whose control socket is elsewhere"
		if err != nil {
			text += "; " + err.Error()
		}
		return nil, notFoundError{errors.New(text)}
	}
	if err != nil {
		p.warn(err)
	}
	return list, nil
}

// selectOne returns the manager named by an argument or --manager, or the only one that runs.
func (p *program) selectOne(ctx context.Context, names []string) (client.Found, error) {
	list, err := p.selectManagers(ctx, names)
	if err != nil {
		return client.Found{}, err
	}
	if len(list) > 1 {
		return client.Found{}, usageError{
			fmt.Errorf("%d managers run on this host; choose one with --manager; %s", len(list), hint(list)),
		}
	}
	return list[0], list[0].Err
}

// selectManagers returns the manager named by an argument or --manager, or all.
func (p *program) selectManagers(ctx context.Context, names []string) ([]client.Found, error) {
	name := p.manager
	if len(names) > 0 {
		if name != "" {
			return nil, usageError{errors.New("both an argument and --manager name a manager")}
		}
		name = names[0]
	}
	list, err := p.findManagers(ctx)
	if err != nil || name == "" {
		return list, err
	}
	found, err := matchManager(list, name)
	return []client.Found{found}, err
}

// matchManager finds a manager by its id, its pid, or a part of its id.
func matchManager(list []client.Found, name string) (client.Found, error) {
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
		return client.Found{}, usageError{fmt.Errorf("%q matches %d managers; %s", name, len(partly), hint(partly))}
	case silent != nil:
		return client.Found{}, fmt.Errorf("found no manager %q, but not all have answered: %w; %s", name, silent, hint(list))
	}
	return client.Found{}, notFoundError{fmt.Errorf("no manager %q; %s", name, hint(list))}
}

// maxListed is the number of managers or workers that an error lists.
const maxListed = 8

// hint lists the managers for an error message.
func hint(list []client.Found) string {
	var names []string
	for _, manager := range list {
		id := manager.State.Value.ID
		if manager.Err != nil {
			id = "no answer"
		}
		names = append(names, fmt.Sprintf("%s (pid %d)", id, manager.Pid()))
	}
	if more := len(names) - maxListed; more > 0 {
		names = append(names[:maxListed], fmt.Sprintf("%d more", more))
	}
	return "managers: " + strings.Join(names, ", ")
}
