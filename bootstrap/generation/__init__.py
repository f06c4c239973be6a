"""Generations: environments as their locks describe them, and what of them is on this machine."""

from bootstrap.generation.generation import Generation

__all__ = ["Generation"]
