"""Container images whose environment comes from the locks, made without an engine."""
