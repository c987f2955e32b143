"""A certificate authority for tests that speaks ACME (RFC 8555), in a thread of the test.

Nonces are used once, signatures are verified, names are proven by fetching what the server must show on port 80 (HTTP-01), and a
certificate comes with its chain. It shares no code with what it tests, and it can be told to give what no authority should give.
"""
