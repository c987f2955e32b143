"""Builds the bundle: everything one server needs, in one signed archive that is the same wherever it is built."""
