"""Proof from the outside that a finished machine works: checks, their results and the report."""
