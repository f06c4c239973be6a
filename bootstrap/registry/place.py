"""One repository of a registry, and what it is used for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One repository of a registry, and whether it is pushed to or only read."""

    registry: str
    repository: str
    pushing: bool = False

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}"

    @property
    def scope(self) -> str:
        """What a token has to allow, as Docker asks for it."""
        return f"repository:{self.repository}:{'pull,push' if self.pushing else 'pull'}"

    @property
    def doing(self) -> str:
        """What is done here, for an error."""
        return f"push to {self.repository}" if self.pushing else f"read {self.repository}"
