"""One way to stop a run: set once, by a signal or by a person, seen by every step."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from bootstrap.core.errors import Interrupted


class Cancel:
    """A flag that can be waited on, with callbacks that end what is under way."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._callbacks: dict[int, Callable[[], None]] = {}
        self._lock = threading.Lock()
        self.signal_number = signal.SIGINT

    @property
    def requested(self) -> bool:
        """Whether the run was told to stop."""
        return self._event.is_set()

    def request(self, signal_number: int = signal.SIGINT) -> None:
        """Stop the run. Safe to call again."""
        self.signal_number = signal.Signals(signal_number)
        self._event.set()
        with self._lock:
            callbacks = list(self._callbacks.values())
        for callback in callbacks:
            callback()

    def check(self) -> None:
        """Raise Interrupted where the run was told to stop."""
        if self.requested:
            raise Interrupted(self.signal_number)

    def sleep(self, seconds: float) -> None:
        """Wait; raise Interrupted as soon as the run is told to stop."""
        self._event.wait(seconds)
        self.check()

    @contextmanager
    def on_request(self, callback: Callable[[], None]) -> Iterator[None]:
        """While inside, call back once when the run is told to stop (at once if it already was)."""
        with self._lock:
            self._callbacks[id(callback)] = callback
        try:
            if self.requested:
                callback()
            yield
        finally:
            with self._lock:
                del self._callbacks[id(callback)]

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Turn SIGINT, SIGTERM and SIGHUP into a request; a second one while stopping is ignored.

        The callbacks run in a thread: a signal handler interrupts the main thread anywhere, also
        while it holds the lock of this object.
        """

        def handle(number: int, _frame: FrameType | None) -> None:
            threading.Thread(target=self.request, args=(number,), daemon=True).start()

        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, handle) for number in numbers}
        try:
            yield
        finally:
            for number, old in before.items():
                signal.signal(number, old)
