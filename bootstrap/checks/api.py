"""A JSON API under a deadline, whose failures are errors of ours with the service's own code."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from bootstrap.core.errors import BootstrapError

if TYPE_CHECKING:
    from requests import Response, Session

T = TypeVar("T")
Json = dict[str, Any]
Sleep = Callable[[float], None]
"""Waits for seconds; one that raises ends a proof early."""

LONGEST_REQUEST_S = 30.0
BETWEEN_LOOKS_S = 0.25
BUSY_TRIES = 6
"""How often a request is sent that is answered with 503: Prefect says so, and did nothing, where
its SQLite database is locked for a moment by another request."""

LATE_S = 10.0
"""Seconds that cleaning up has, whatever became of the deadline."""

SHOWN = 300
"""Characters of a server's own words that an error repeats."""


@dataclass(frozen=True, slots=True)
class Service:
    """How errors about a service are named, and where its log is."""

    title: str
    name: str

    def error(self, kind: str, what: str, *, where: str, remedy: str = "") -> BootstrapError:
        """An error about this service, e.g. kind HTTP of MLflow is E-MLFLOW-HTTP."""
        return BootstrapError(
            f"E-{self.name.upper()}-{kind}", what, where=where, remedy=remedy or self.look_at_log
        )

    @property
    def look_at_log(self) -> str:
        """The remedy when only the log can tell."""
        return f"run `mlops-bootstrap logs {self.name}`: its last lines say why"


class HttpError(BootstrapError):
    """The service answered with an HTTP error."""

    def __init__(self, error: BootstrapError, status: int) -> None:
        super().__init__(error.code, error.what, where=error.where, remedy=error.remedy)
        self.status = status


class Api:
    """One service at one address. Everything asked of it has to be done by the deadline."""

    def __init__(
        self,
        service: Service,
        url: str,
        *,
        deadline_s: float,
        session: Session | None = None,
        sleep: Sleep = time.sleep,
    ) -> None:
        self.service = service
        self.url = url.rstrip("/")
        self._session = session or _session()
        self._sleep = sleep
        self._deadline_s = deadline_s
        self._ends = time.monotonic() + deadline_s  # after the import of requests, up to 0.3 s

    def call(
        self, method: str, path: str, body: Json | None = None, *, query: Mapping[str, str] = {}
    ) -> Any:
        """Send and receive JSON, again where the service is busy; None for an answer without
        content."""
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

        patiently = Retrying(
            stop=stop_after_attempt(BUSY_TRIES),
            wait=wait_exponential(BETWEEN_LOOKS_S, max=2.0, min=BETWEEN_LOOKS_S),
            retry=retry_if_exception(_is_busy),
            sleep=self._sleep,
            reraise=True,
        )
        response = patiently(self.send, method, path, json=body, params=query)
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError as error:
            raise self.error("ANSWER", f"{method} {path} did not answer with JSON") from error

    def send(self, method: str, path: str, **more: Any) -> Response:
        """Send a request. Raises HttpError for an HTTP error."""
        import requests

        left = self._ends - time.monotonic()
        if left <= 0:
            raise self.too_late("the proof did not end")
        try:
            response = self._session.request(
                method, self.url + path, timeout=min(left, LONGEST_REQUEST_S), **more
            )
        except requests.RequestException as error:
            what = f"{self.service.title} does not answer: {_reason(error)}"
            raise self.error("UNREACHABLE", what) from error
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise self._refused(method, path, response)
        return response

    def until(self, look: Callable[[], T], good: Callable[[T], bool], failing: str) -> T:
        """Look until it is good, also while the service does not answer yet.

        Raises at the deadline: what look raised last, or that it was too late for `failing`.
        """
        from tenacity import (
            RetryError,
            Retrying,
            retry_if_exception,
            retry_if_result,
            stop_before_delay,
            wait_exponential,
        )

        looks = Retrying(
            stop=stop_before_delay(max(0.0, self._ends - time.monotonic())),
            wait=wait_exponential(BETWEEN_LOOKS_S, max=1.0, min=BETWEEN_LOOKS_S),
            retry=retry_if_result(lambda value: not good(value)) | retry_if_exception(_may_pass),
            sleep=self._sleep,
        )
        try:
            return looks(look)
        except RetryError as over:
            last = over.last_attempt.exception()
            raise (last or self.too_late(failing)) from None

    def ready(self, path: str) -> None:
        """Wait until the path answers 200."""
        self.until(
            lambda: self.send("GET", path).status_code,
            lambda status: status == HTTPStatus.OK,
            f"{path} did not answer 200",
        )

    def late(self) -> Api:
        """The same service with a few seconds of its own: to take back what was begun, also when
        the deadline passed or the proof was cancelled."""
        return Api(self.service, self.url, deadline_s=LATE_S, session=self._session)

    def error(self, kind: str, what: str, remedy: str = "") -> BootstrapError:
        """An error about this service at this address."""
        return self.service.error(kind, what, where=self.url, remedy=remedy)

    def too_late(self, failing: str) -> BootstrapError:
        """The error of a deadline that passed."""
        return self.error("DEADLINE", f"{failing} within {self._deadline_s:.0f} s")

    def _refused(self, method: str, path: str, response: Response) -> HttpError:
        said = response.text.strip()[:SHOWN]
        what = f"{method} {path} was answered with {response.status_code}: {said}"
        if response.status_code == HTTPStatus.FORBIDDEN and "Host header" in said:
            remedy = "open it as 127.0.0.1 or localhost: other names are refused (DNS rebinding)"
            return HttpError(self.error("HOST", what, remedy), response.status_code)
        return HttpError(self.error("HTTP", what), response.status_code)


def ready(service: Service, url: str, path: str, *, deadline_s: float) -> None:
    """Wait until the service answers 200 at this path."""
    Api(service, url, deadline_s=deadline_s).ready(path)


def _session() -> Session:
    import requests

    session = requests.Session()
    session.trust_env = False  # a proxy of the environment cannot reach this machine's loopback
    return session


def _is_busy(error: BaseException) -> bool:
    return isinstance(error, HttpError) and error.status == HTTPStatus.SERVICE_UNAVAILABLE


def _may_pass(error: BaseException) -> bool:
    """Whether a service that is still starting could raise this."""
    if isinstance(error, HttpError):
        return error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, BootstrapError) and error.code.endswith("-UNREACHABLE")


def _reason(error: BaseException) -> str:
    """The innermost reason: requests and urllib3 wrap it in their own words.

    Only causes and contexts of those two are followed, each once: what was being handled around
    them is another story, and a chain can lead back into itself.
    """
    seen = {id(error)}
    while (inner := error.__cause__ or error.__context__) is not None and id(inner) not in seen:
        if isinstance(inner, BootstrapError):
            break
        seen.add(id(inner))
        error = inner
    return str(error)[:SHOWN] or type(error).__name__
