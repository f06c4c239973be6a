"""Sizes and durations as a person reads them."""

from __future__ import annotations

STEP = 1000
"""Between two size units: decimal, as disks, download pages and network rates count."""

MINUTE = 60
HOUR = 3600


def size(count: int) -> str:
    """Bytes in the unit that leaves one to three digits before the point: 12.3 MB."""
    if count < STEP:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= STEP
        if round(value, 1) < STEP:
            return f"{value:.1f} {unit}"
    return f"{value / STEP:.1f} TB"


def duration(seconds: float) -> str:
    """Seconds as 4.1 s, 1 min 04 s or 2 h 05 min."""
    seconds = max(0.0, seconds)
    if round(seconds, 1) < MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE:02d} s"
    minutes = round(seconds / MINUTE)
    return f"{minutes // MINUTE} h {minutes % MINUTE:02d} min"


def short(seconds: float) -> str:
    """Seconds where there is little room: 12 s, 1:04, 2:05:09."""
    whole = round(max(0.0, seconds))
    if whole < MINUTE:
        return f"{whole} s"
    minutes = f"{whole % HOUR // MINUTE}"
    if whole < HOUR:
        return f"{minutes}:{whole % MINUTE:02d}"
    return f"{whole // HOUR}:{minutes:0>2}:{whole % MINUTE:02d}"


def progress(done: int, total: int, unit: str) -> str:
    """How far something is: 12.3 MB of 45.6 MB, 131 of 292; without a total, how much so far."""
    if unit == "bytes":
        return f"{size(done)} of {size(total)}" if total else size(done)
    return f"{done} of {total}" if total else f"{done} {unit}".rstrip()
