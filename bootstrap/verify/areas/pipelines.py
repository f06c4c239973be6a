"""Kubeflow: a pipeline compiles, and runs on this machine."""

from __future__ import annotations

from bootstrap.verify.check import Check, Finding, passed, skipped
from bootstrap.verify.subject import Subject


def _local(subject: Subject) -> Finding:
    if "kfp" not in subject.generation.contents.wheels:
        return skipped("the course's environment has no kfp")
    told = subject.ask("kubeflow")
    return passed(f"kfp {told['kfp']}: compiled, and two components ran")


CHECKS = (
    Check(
        "pipelines.local",
        "A Kubeflow pipeline compiles, and runs with kfp's local runner",
        _local,
        requires=("environment.modules",),
    ),
)
