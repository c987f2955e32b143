"""Which S3 server the institution's objects are on: whether it keeps the contract, and moving to another one."""
