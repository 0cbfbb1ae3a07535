// Package installed makes virtual environments of real Scaler releases with the wheel of this repository in them, and
// builds that wheel.
package installed
