"""Codes of image registries that are read from and pushed to without an engine."""

from bootstrap.report.codes.explanation import Explanation

CODES = {
    "E-REGISTRY": Explanation(
        "An image registry did not do what it was asked to. Its own words are shown.",
        (
            "it is busy, or limits how often it may be asked",
            "a limit on the size of a layer, of the registry or of a proxy before it",
            "it has no room, or a quota is used up",
            "the repository has to be created there first",
        ),
        "Follow the remedy of the message, then run the command again: what the registry has"
        " already is not sent again.",
    ),
    "E-REGISTRY-DENIED": Explanation(
        "An image registry does not let us read from a repository, or push to it.",
        (
            "nobody logged in on this machine",
            "a password or token that expired or was changed",
            "a login that may read and not push",
            "a repository that does not exist: some registries do not tell strangers",
        ),
        "Run `docker login HOST` as somebody who may, then run the command again.",
    ),
}
