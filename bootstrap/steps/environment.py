"""The course environment: one generation, built at its own path and switched to when complete."""

from __future__ import annotations

from bootstrap.core.step import Job, Observation, Step
from bootstrap.generation import Generation
from bootstrap.generation.links import Links
from bootstrap.host.host import Host, HostView
from bootstrap.sources.source import Source


class CourseEnvironment(Step[HostView, Host]):
    """The generation of the course's locks, complete and current."""

    name = "environment"
    title = "Course environment"

    def __init__(self, generation: Generation, source: Source) -> None:
        self._generation = generation
        self._source = source
        self._links = Links(generation.prefix.parent)

    def observe(self, view: HostView) -> Observation:
        generation = self._generation
        wanted = f"generation {generation.digest[:12]}"
        if not generation.is_complete():
            found = "half installed" if generation.prefix.exists() else "absent"
            return Observation(False, found, wanted)
        if missing := generation.missing():
            gone = f"{len(missing)} packages are gone or of another version"
            return Observation(False, gone, wanted)
        if not self._links.lead_to(generation.prefix):
            return Observation(False, "installed, not current", wanted)
        return Observation(True, wanted, wanted)

    def apply(self, host: Host, job: Job) -> None:
        # Imported here: asyncio is not needed to see that there is nothing to do.
        from bootstrap.steps.conda import install_conda
        from bootstrap.steps.wheels import install_system_python, install_wheels

        generation = self._generation
        if not generation.is_complete() or generation.missing():
            generation.mark_incomplete()
            cache = host.paths.cache
            prefix = generation.prefix
            if generation.system:
                install_system_python(generation.system, prefix, host, job)
            else:
                install_conda(generation.conda, prefix, cache / "conda", self._source, job)
            wheels = generation.wheels
            install_wheels(generation.requirements, wheels, prefix, host, job)
            generation.mark_complete()
        self._links.switch(generation.prefix)
