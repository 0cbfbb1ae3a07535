"""The Python side of scaler-native: the worker host, and what a wheel needs to stand in for Scaler's own manager."""
