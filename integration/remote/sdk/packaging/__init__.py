"""The library packaging, which Scaler's EC2 manager needs, as pip has it: the tested releases come without it."""
