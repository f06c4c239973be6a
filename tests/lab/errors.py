"""The one error of the lab: what is missing or wrong, and what to do about it."""

from __future__ import annotations


class LabError(Exception):
    """The lab cannot be built or served; the message says why and what helps."""
