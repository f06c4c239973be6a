"""A part of the support bundle: one file, and how what is in it is found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.host.host import Host, HostView
from bootstrap.machine.blueprint import Blueprint


@dataclass(frozen=True)
class Scene:
    """What parts look at. drawn is the course on this machine, or why there is none: a broken
    course file is a reason to ask for help, too."""

    view: HostView
    host: Host
    cancel: Cancel
    drawn: Blueprint | BootstrapError

    @property
    def blueprint(self) -> Blueprint:
        """The course on this machine. Raises the BootstrapError for which there is none."""
        if isinstance(self.drawn, BootstrapError):
            raise self.drawn
        return self.drawn


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the bundle.

    name is that of the file and stable: `.json` holds what read gives as JSON, `.jsonl` a line for
    each value of a list, any other the text that it gives. read may raise BootstrapError or
    OSError, which is then what the file says. last: read after all others, for it leaves traces in
    what they show.
    """

    name: str
    what: str
    read: Callable[[Scene], Any] = field(repr=False)
    last: bool = False
