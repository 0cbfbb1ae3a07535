package config

import (
	"reflect"
	"testing"
)

// TestTable checks what every row must have, and that Config has a field for each key.
func TestTable(t *testing.T) {
	fields := map[string]bool{}
	for i := range reflect.TypeFor[Config]().NumField() {
		if tag := reflect.TypeFor[Config]().Field(i).Tag.Get("mapstructure"); tag != "" {
			fields[tag] = true
		}
	}
	names := map[string]string{}
	for _, o := range Options() {
		if o.Help == "" || o.Group == "" {
			t.Errorf("%s has no help or group", o.Key)
		}
		if fields[o.Key] == o.Action {
			t.Errorf("%s: Config and the table disagree", o.Key)
		}
		delete(fields, o.Key)
		for _, name := range o.Names() {
			if other, twice := names[name.Text]; twice {
				t.Errorf("%s is a name of %s and %s", name.Text, other, o.Key)
			}
			names[name.Text] = o.Key
		}
	}
	if len(fields) > 0 {
		t.Errorf("fields without a row: %v", fields)
	}
}
