"""Stand-ins on loopback for conda-forge, GitHub and an image registry, all of them real.

lab = build_lab()
with serve(lab) as server:
    ... up --source server.url --course server.course_path
"""

from tests.lab.build import LabFiles, build_lab
from tests.lab.commands import apt_requirements
from tests.lab.errors import LabError
from tests.lab.faults import Cut, CutUpload, Fault, Faults, Flip, Lost, Slow, Stall, Status
from tests.lab.serve import LabServer, serve

__all__ = [
    "Cut",
    "CutUpload",
    "Fault",
    "Faults",
    "Flip",
    "LabError",
    "LabFiles",
    "LabServer",
    "Lost",
    "Slow",
    "Stall",
    "Status",
    "apt_requirements",
    "build_lab",
    "serve",
]
