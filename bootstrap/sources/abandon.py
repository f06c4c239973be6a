"""Work that waits for a network and must not keep a cancelled run waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable

from bootstrap.core.cancel import Cancel


def abandonable(work: Callable[[], None], cancel: Cancel) -> None:
    """Do the work in a thread; raise what it raises, or Interrupted as soon as we are to stop.

    A read from a socket, a connect and a name lookup cannot be cut off from outside. The thread
    that is left behind ends with its next byte or its time limit, or with the process.
    """
    errors: list[BaseException] = []
    ended = threading.Event()

    def carry_out() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            errors.append(error)
        finally:
            ended.set()

    cancel.check()
    thread = threading.Thread(target=carry_out, daemon=True)
    with cancel.on_request(ended.set):
        thread.start()
        ended.wait()
    cancel.check()
    thread.join()
    if errors:
        raise errors[0]
