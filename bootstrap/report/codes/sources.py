"""Codes of downloads and of what installs them."""

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "E-CONDA-INSTALL": Explanation(
        "The conda packages arrived and could not be installed.",
        ("no room", "the rights of the folder", "a file system without links"),
        "Check room and rights of the folder, then run `mlops-bootstrap up` again.",
    ),
    "E-DIGEST": Explanation(
        "A file is not the one that is pinned. It was thrown away before anything used it.",
        (
            "a mirror holds a damaged or an older file",
            "a proxy changed it or sent a login page in its place",
            "the file was replaced at its origin: the very thing that pins are for",
        ),
        "Do not use the file. Tell who runs the source; update the pin if the change is meant.",
    ),
    "E-DOWNLOAD": Explanation(
        "A server answered and did not give the file.",
        ("the file was removed", "the mirror is incomplete", "the server is busy"),
        "Try again later, or use a mirror: --source URL.",
    ),
    "E-DOWNLOAD-CUT": Explanation(
        "A download broke off or stalled, several times. What arrived is kept.",
        ("a weak network", "a proxy with a limit on size or time"),
        "Run `mlops-bootstrap up` again: it goes on at the byte where it stopped.",
    ),
    "E-HOST-UNREACHABLE": Explanation(
        "A host cannot be reached.",
        ("no network", "a proxy that is not set", "a firewall", "the name cannot be resolved"),
        "Check the network and the proxy (HTTPS_PROXY), or use a mirror: --source URL.",
    ),
    "E-SOURCE": Explanation(
        "What --source was given is no source.",
        ("a slip in the URL or path",),
        "Give `upstream` or the URL of a mirror.",
    ),
    "E-WHEELS": Explanation(
        "uv could not install the wheels of the lock.",
        ("no room", "a wheel that does not fit this Python or processor"),
        "Read the lines of uv that are shown; run `mlops-bootstrap up` again.",
    ),
}
