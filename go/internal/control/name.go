package control

import "strings"

// maxPidDigits is the length of the largest pid (2^22 on Linux).
const maxPidDigits = 7

// IsPart reports whether name is part of the id of a manager or worker. A name that could be a pid never is: after its
// process has ended, it might match the id of another one by chance.
func IsPart(name, id string) bool {
	if len(name) <= maxPidDigits && strings.Trim(name, "0123456789") == "" {
		return false
	}
	return strings.Contains(id, name)
}
