"""The report of one machine: what `verify` found, as a versioned document.

Only what has to write or read reports imports this module: it brings pydantic.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema

from bootstrap.verify.check import Outcome

VERSION = 1
"""Goes up when a field changes its meaning or goes away; a new field leaves it."""

Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Number = Annotated[int, Field(description="Number of a module of the course.")]


class _Part(BaseModel):
    """A field that this version does not know was added by a newer one, and is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class CheckResult(_Part):
    """One check and how it ended."""

    code: str = Field(min_length=1, description="Its stable code, AREA.NAME.")
    area: str = Field(description="What it is about.")
    title: str = Field(description="What is so where it passes.")
    modules: tuple[Number, ...] = Field(description="The modules of the course it matters to.")
    outcome: Outcome = Field(description="How it ended.")
    found: str = Field(description="What is there.")
    wanted: str = Field(description="What should be there; empty where that goes without saying.")
    remedy: str = Field(description="What to type or do; empty where nothing is to be done.")
    error: str = Field(description="Code of the error that ended it, empty where none did.")
    blocked_by: tuple[str, ...] = Field(description="The checks that keep it from being tried.")
    seconds: Seconds = Field(description="What it took.")


class CourseFacts(_Part):
    """The course that the machine is for."""

    name: str = Field(description="Its short name.")
    title: str = Field(description="Its name for people.")
    lock: str = Field(description="Digest of its two locks.")


class Drifted(_Part):
    """A package that is not as locked."""

    package: str = Field(description="Its name.")
    kind: Literal["conda", "wheel"] = Field(description="Where it comes from.")
    found: str = Field(description="The version that is there, empty where it is gone.")
    wanted: str = Field(description="The version that is locked, empty where none is.")


class Environment(_Part):
    """The environment in use."""

    generation: str = Field(description="Digest of the locks that it was made from.")
    held: bool = Field(description="Whether `rollback` keeps it from following the course.")
    fingerprint: str = Field(
        description="SHA-256 of the installed names and versions; empty where none is complete."
    )
    wanted: str = Field(description="The same of what its locks want.")
    drift: tuple[Drifted, ...] = Field(description="How the two differ.")


class MachineFacts(_Part):
    """The machine, without anything that tells whose it is."""

    distribution: str = Field(description="Name of the distribution for people.")
    os_id: str = Field(description="Its short name, such as debian.")
    os_version: str = Field(description="Its version, empty where it has none.")
    arch: str = Field(description="The processor, as `uname -m` prints it.")
    glibc: str = Field(description="Version of the C library, empty where it is another one.")
    memory_bytes: Count = Field(description="Memory, in bytes.")
    swap_bytes: Count = Field(description="Swap, in bytes.")
    cores: Count = Field(description="Processor cores that may be used.")
    wsl: bool = Field(description="Whether it is Windows' subsystem for Linux.")
    systemd: bool = Field(description="Whether systemd runs.")


class Scope(_Part):
    """What `verify` was asked for."""

    only: tuple[str, ...] = Field(description="The areas of --only; none: all.")
    module: int | None = Field(description="The number of --module.")
    deep: bool = Field(description="Whether --deep was given: every file of the environment.")
    imports: bool = Field(False, description="Whether --imports was given: every module.")
    partial: bool = Field(description="Whether --only or --module left checks out.")


class Counts(_Part):
    """How many checks ended in which way."""

    passed: Count
    warning: Count
    failed: Count
    blocked: Count
    skipped: Count


class Capability(_Part):
    """Something that a level of the maturity model asks for."""

    name: str = Field(description="What it is.")
    shown: bool = Field(description="Whether the checks showed it.")
    checks: tuple[str, ...] = Field(description="The checks that prove it together.")
    why_not: str = Field(description="Why it was not shown, empty where it was.")


class MaturityLevel(_Part):
    """A level of the maturity model."""

    level: Count = Field(description="Its number, 0 to 4.")
    title: str = Field(description="Its name.")
    reached: bool = Field(description="Whether all of it and of the levels below was shown.")
    capabilities: tuple[Capability, ...]


class Maturity(_Part):
    """What the machine was shown to support of the MLOps maturity model."""

    model: str = Field(description="Where the model is described.")
    level: Count = Field(description="The highest level that was reached.")
    levels: tuple[MaturityLevel, ...]


class Signature(_Part):
    """Shows that whoever made the report had the secret of the course."""

    algorithm: str = Field(description="HMAC-SHA256.")
    key_id: str = Field(description="Tells secrets apart without telling them.")
    value: str = Field(description="In hex, over the canonical JSON of all else.")


class Report(_Part):
    """What `verify` found on one machine."""

    model_config = ConfigDict(frozen=True, extra="ignore", title="Report of mlops-bootstrap")

    version: Literal[1] = Field(description="Version of this format.")
    kind: Literal["report"] = Field(description="What this document is.")
    tool: str = Field(description="Version of mlops-bootstrap.")
    when: AwareDatetime = Field(description="When it was made.")
    seconds: Seconds = Field(description="What all checks took together.")
    course: CourseFacts
    runtime: str = Field(description="How services run: docker or native.")
    environment: Environment
    machine: MachineFacts
    scope: Scope
    counts: Counts
    checks: tuple[CheckResult, ...]
    maturity: Maturity | None = Field(
        None, description="null: only a part of the checks was asked for."
    )
    signature: Signature | None = Field(None, description="null: the report is not signed.")

    def document(self) -> dict[str, Any]:
        """The report as a JSON object."""
        return self.model_dump(mode="json")


def counts_of(checks: tuple[CheckResult, ...]) -> Counts:
    """How many checks ended in which way."""
    outcomes = [check.outcome for check in checks]
    return Counts(**{outcome.value: outcomes.count(outcome) for outcome in Outcome})


class _Schema(GenerateJsonSchema):
    """pydantic's schema, without the titles that only say a key again."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


def schema_text() -> str:
    """The JSON schema (draft 2020-12) of reports, as docs/report.schema.json holds it."""
    schema = Report.model_json_schema(mode="validation", schema_generator=_Schema)
    whole = {"$schema": GenerateJsonSchema.schema_dialect, **schema}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
