package reference

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/config"
)

// releases are the first releases of Scaler that have an option.
var releases = map[config.Release]string{
	config.Release126: "1.26",
	config.Release20:  "2.0",
	config.Release26:  "2.6",
	config.Release29:  "2.9",
	config.Native:     "",
}

// options is the table of a group.
func options(group config.Group) string {
	t := newTable("option", "value", "default", "since", "meaning")
	if group == config.GroupGeneral {
		t.add("`--config`, `-c`", "file", "", releases[config.Release126],
			"TOML file with an entry of the type `"+config.ManagerType+"`")
	}
	for _, o := range config.Options() {
		if o.Group == group {
			t.add(spellings(o), valueOf(o), defaultOf(o), releases[o.Since], prose(meaning(o)))
		}
	}
	return t.String()
}

func spellings(o *config.Option) string {
	if o.Positional {
		return "`" + o.Key + "` (without `--`)"
	}
	var names []string
	for _, name := range o.Names() {
		text := "`" + name.Text + "`"
		if name.Until != config.Native {
			text += " (Scaler " + releases[name.Until] + ")"
		}
		names = append(names, text)
	}
	return strings.Join(names, ", ")
}

// valueOf says what the option takes, with its unit and range.
func valueOf(o *config.Option) string {
	text := kinds[o.Kind]
	switch {
	case o.OptionalValue:
		text = "none, or `=" + strings.Join(o.Choices, "`, `=") + "`"
	case o.Action:
		text = ""
	case o.Kind == config.Flag && o.Default == nil:
		text = ""
	case o.Kind == config.Choice:
		text = "`" + strings.Join(o.Choices, "`, `") + "`"
	case o.Kind == config.Text && o.Placeholder == "FILE", o.Key == "control_socket":
		text = "file"
	case o.Placeholder == "BYTES":
		text = "bytes, an integer"
	}
	if o.Range != nil {
		text += ", " + rangeOf(o.Range)
	}
	if o.NotEmpty {
		text += ", not empty"
	}
	if o.LinuxOnly {
		text += "; Linux only"
	}
	return text
}

var kinds = map[config.Kind]string{
	config.Text:           "text",
	config.Integer:        "integer",
	config.Seconds:        "whole seconds",
	config.Number:         "seconds",
	config.Flag:           "none",
	config.Address:        "address",
	config.CapabilityList: "`NAME[=INTEGER],...`",
	config.TextList:       "any number of paths",
	config.CommaList:      "`NAME,...`",
	config.CPUs:           "`none`, `spread`, `compact`, or CPUs",
	config.Size:           "size",
	config.Variables:      "`NAME=VALUE`",
	config.HostPort:       "`HOST:PORT`",
}

func rangeOf(r *config.Range) string {
	switch {
	case r.Most != 0:
		return fmt.Sprintf("%.0f to %.0f", r.Least, r.Most)
	case r.Above:
		return fmt.Sprintf("more than %.0f", r.Least)
	default:
		return fmt.Sprintf("at least %.0f", r.Least)
	}
}

func defaultOf(o *config.Option) string {
	switch value := o.Default.(type) {
	case nil:
		if o.Positional {
			return "required"
		}
	case []string:
		if o.DefaultText == "" {
			return "`" + strings.Join(value, "`, `") + "`"
		}
	case bool:
		return "off"
	default:
		if o.DefaultText == "" {
			return fmt.Sprintf("`%v`", value)
		}
	}
	return o.DefaultText
}

// meaning is the help with what else there is to say of other names and values.
func meaning(o *config.Option) string {
	text := o.Help
	if o.Environment != "" {
		text += ". Environment: " + o.Environment
	}
	if o.RenamedKey != "" {
		text += ". Earlier key: " + o.RenamedKey
	}
	if len(o.FileSpellings) > 0 {
		var pairs []string
		for spelling, meant := range o.FileSpellings {
			pairs = append(pairs, spelling+" for "+meant)
		}
		slices.Sort(pairs)
		text += ". A file may also have " + strings.Join(pairs, ", ")
	}
	return text
}
