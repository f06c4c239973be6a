"""A job for tests: its events are kept, and it can be cancelled."""

from __future__ import annotations

from bootstrap.core.cancel import Cancel
from bootstrap.core.events import StepNote, StepProgress
from bootstrap.core.step import Job
from tests.unit.core.fakes import Recorder


class RecordedJob(Job):
    def __init__(self) -> None:
        self.recorder = Recorder()
        super().__init__("step", self.recorder, Cancel())

    @property
    def notes(self) -> list[str]:
        return [e.text for e in self.recorder.events if isinstance(e, StepNote)]

    @property
    def progresses(self) -> list[StepProgress]:
        return [e for e in self.recorder.events if isinstance(e, StepProgress)]
