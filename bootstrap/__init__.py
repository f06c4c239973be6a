"""Turns a fresh machine into a working MLOps course machine, and proves that it works."""

__version__ = "0.1.0"
