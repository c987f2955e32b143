PUBLIC_OPERATIONS: set[str] = set()
