package control

import "strings"

// digits are those of the largest pid that there can be (2^22 on Linux).
const digits = 7

// IsPart tells whether a name is a part of an id of a manager or worker. What can be a pid is none: once its process has
// ended, it would name another one by chance.
func IsPart(name, id string) bool {
	if len(name) <= digits && strings.Trim(name, "0123456789") == "" {
		return false
	}
	return strings.Contains(id, name)
}
