package reference

import "github.com/scaler-native/scaler-native/go/internal/config"

// types are the TOML types beside a string.
var types = map[config.Kind]string{
	config.Integer:   "integer",
	config.Seconds:   "integer or float",
	config.Number:    "integer or float",
	config.Flag:      "boolean",
	config.TextList:  "string or array of strings",
	config.CommaList: "string or array of strings",
	config.Variables: "string or array of strings",
	config.Size:      "string or integer",
}

// keys is the table of keys.
func keys() string {
	t := newTable("key", "TOML type", "option")
	t.add("`type`", "string", "always `\""+config.ManagerType+"\"`")
	for _, o := range config.Options() {
		if o.Action {
			continue
		}
		kind, ok := types[o.Kind]
		if !ok {
			kind = "string"
		}
		option := "`" + o.Long() + "`"
		if o.Positional {
			option += " (without `--`)"
		}
		t.add("`"+o.Key+"`", kind, option)
		if o.RenamedKey != "" {
			t.add("`"+o.RenamedKey+"`", kind, option+", as Scaler 1.26 named it")
		}
	}
	return t.String()
}
