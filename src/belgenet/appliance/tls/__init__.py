"""The certificate this server shows: where it comes from, whether it is good, and how it changes while people are served."""
