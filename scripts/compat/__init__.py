"""What `scripts/compat.py` does: published releases of Scaler, each on the Pythons of this machine."""
