"""The whole system on loopback, for trying out, for browser tests and for measurements.

``python -m belgenet.testing.demo run`` starts it and watches over it (``bin/run``); ``... run -- COMMAND`` runs a
command against a started system and stops it again; ``... reset`` forgets its data (``bin/reset``).
"""
