"""A plan carried out before the eyes of whoever asked for it, and kept in the journal."""

from __future__ import annotations

import os
import sys
from typing import Literal

from bootstrap.core.cancel import Cancel
from bootstrap.core.plan import Plan
from bootstrap.host.host import Host, HostView

Kind = Literal["auto", "plain", "json"]


def kind_of(*, as_json: bool, plain: bool) -> Kind:
    """The kind of display that the options ask for."""
    return "json" if as_json else "plain" if plain else "auto"


def carry_out(
    plan: Plan[HostView, Host], view: HostView, host: Host, cancel: Cancel, kind: Kind
) -> int:
    """Run the plan; gives the exit code."""
    # Imported here: where there is nothing to do, none of it is needed.
    from bootstrap.core.events import Bus, Outcome
    from bootstrap.core.journal import Journal
    from bootstrap.core.run import Run
    from bootstrap.report import choose

    shown = choose.renderer(kind, sys.stdout, sys.stderr, os.environ, choose.requires_of(plan))
    with Journal(view.paths.journal) as journal, shown as renderer:
        result = Run(plan, view, host, Bus(journal, renderer), cancel)()
    if result.outcome is Outcome.INTERRUPTED:
        return 128 + cancel.signal_number
    return int(result.outcome is Outcome.FAILED)
