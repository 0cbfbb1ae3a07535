"""The Python side of scaler-native: the worker host, and what a wheel needs to replace Scaler's own worker manager."""
