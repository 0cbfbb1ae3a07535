// Package limits runs managers in narrow places: as other users, with few rights, files, system calls and resources,
// and with what an odd launcher leaves to its children. Scaler's own manager is started in the same places.
package limits
