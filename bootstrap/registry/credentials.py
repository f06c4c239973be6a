"""What `docker login` keeps for a registry, read with the docker SDK and never shown."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


class CredentialsError(Exception):
    """The Docker configuration, or its credential helper, cannot be used. The text is for people
    and holds nothing of what was read."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user with a password, or an identity token that was given in exchange for them."""

    user: str
    password: str = field(repr=False)
    identity_token: str = field(default="", repr=False)


def stored_for(registry: str, environ: Mapping[str, str]) -> Credentials | None:
    """What the user's Docker configuration, or the helper that it names, has for a registry.

    None where nobody logged in. Raises CredentialsError.
    """
    from docker.auth import load_config
    from docker.errors import DockerException

    home = Path(environ.get("HOME") or Path.home())
    file = Path(environ.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
    if not file.is_file():
        return None  # the SDK would look where this process's own environment leads
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a helper is missing: it is raised as well
            # The SDK copies what it is given into the helper's environment.
            config = load_config(str(file), credstore_env=dict(environ))
            found = config.resolve_authconfig(registry) or {}
    except DockerException as error:
        raise CredentialsError(f"the credential helper named in {file} does not answer") from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise CredentialsError(f"{file} cannot be read") from error
    of = {key.lower(): value for key, value in found.items()}  # helpers spell them with capitals
    if of.get("identitytoken"):
        return Credentials("", "", of["identitytoken"])
    if of.get("username") and of.get("password"):
        return Credentials(of["username"], of["password"])
    return None
