"""Codes of the checks of the area pipelines."""

from __future__ import annotations

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "pipelines.local": Explanation(
        "A small Kubeflow pipeline does not compile, or does not run on this machine.",
        ("kfp is damaged or of another version", "no program `sh` or `mktemp` on PATH"),
        "`mlops-bootstrap verify --only environment --deep` names damaged files. A course whose"
        " environment has no kfp does not have this check.",
    ),
}
