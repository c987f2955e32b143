"""Measurements that the project states about itself; see ``RESULTS.md``. Each module runs by itself and stops by itself."""
