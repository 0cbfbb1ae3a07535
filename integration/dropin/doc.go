// Package dropin tests the wheel in virtual environments of real Scaler releases: installing and removing
// it, and that Scaler's own programs run the native manager once it is there.
//
// Environments are copies of ../../.venvs/<release>; SCALER_RELEASES picks releases.
package dropin
