"""Parts collected, all at once: one that fails, or never ends, leaves the others as they are."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bootstrap.core.cancel import Cancel
from bootstrap.core.errors import BootstrapError
from bootstrap.support.part import Part, Scene

DEADLINE_S = 180.0
"""Seconds for parts that are collected at once: a busy machine takes a minute for all checks, and
an engine that hangs is given up after as long."""

Found = Mapping[str, Any]
"""What was found by the name of the part, a BootstrapError where it could not be had."""

_Answers = queue.SimpleQueue[tuple[str, Any]]


def collect(parts: Sequence[Part], scene: Scene, deadline_s: float = DEADLINE_S) -> Found:
    """What each part found, in the order of the parts. Raises Interrupted when cancelled."""
    found: dict[str, Any] = {}
    for last in (False, True):
        found |= _at_once([part for part in parts if part.last is last], scene, deadline_s)
    return {part.name: found[part.name] for part in parts}


def _at_once(parts: Sequence[Part], scene: Scene, deadline_s: float) -> dict[str, Any]:
    answers: _Answers = queue.SimpleQueue()
    work = Cancel()  # its own: what does not end in time is stopped, and the rest goes on
    inner = replace(scene, cancel=work)
    found: dict[str, Any] = {part.name: _too_late(part, deadline_s) for part in parts}
    ends = time.monotonic() + deadline_s
    with scene.cancel.on_request(lambda: work.request(scene.cancel.signal_number)):
        for part in parts:
            # A daemon: a question to an engine that hangs cannot be cut off, only left behind.
            threading.Thread(target=_into, args=(answers, part, inner), daemon=True).start()
        waiting = len(parts)
        while waiting and time.monotonic() < ends:
            try:
                name, value = answers.get(timeout=0.2)
            except queue.Empty:
                scene.cancel.check()
                continue
            found[name] = value
            waiting -= 1
        scene.cancel.check()
        work.request()
    return found


def _into(answers: _Answers, part: Part, scene: Scene) -> None:
    answers.put((part.name, _read(part, scene)))


def _read(part: Part, scene: Scene) -> Any:
    try:
        return part.read(scene)
    except BootstrapError as error:
        return error
    except OSError as error:
        return unreadable(error)
    except Exception as defect:  # noqa: BLE001 - a defect of ours in one part must not end the others
        return BootstrapError("E-INTERNAL", f"{type(defect).__name__}: {defect}", where=part.name)


def unreadable(error: OSError) -> BootstrapError:
    """The error for a file that cannot be read."""
    return BootstrapError(
        "E-READ",
        f"cannot be read: {error.strerror or error}",
        where=str(error.filename or ""),
        remedy="look who owns it and whether it is there: ls -l",
    )


def _too_late(part: Part, deadline_s: float) -> BootstrapError:
    return BootstrapError(
        "E-DIAGNOSE-DEADLINE",
        f"it was not there within {deadline_s:.0f} s",
        where=part.name,
        remedy="what it asks hangs: look at the other parts first",
    )
