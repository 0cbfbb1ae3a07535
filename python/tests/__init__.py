"""Tests of the Python side, against the Scaler that is installed where they run."""
