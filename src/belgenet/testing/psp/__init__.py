"""A payment provider for tests and demonstrations, in its own process: no money ever moves.

It speaks iyzico's and Stripe's protocols with real signatures, shows a hosted card page, remembers its
charges across `kill -9`, and misbehaves on request (see `faults.py`). It shares no code with the
adapters it tests, so that a mistake in a formula cannot cancel itself out.
"""
