"""The web server with `/health`, `/live`, `/cases` and `/metrics`, for monitoring (design 3.12)."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from bot.monitoring.metrics import CONTENT_TYPE
from bot.status import Health, PartReport, Report
from casebook.errors import CasebookError
from casebook.views import CaseLine

PATIENCE = 5.0  # seconds; if the report takes longer, the answer is 503
ADDRESSES = ("/health", "/live", "/cases", "/metrics")

_LOCAL_PAGE = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?")
_CLOSING_SECONDS = 2.0  # for open requests at shutdown


class PortError(CasebookError):
    """The web port cannot be opened; choose another HOST or PORT."""


class Pages:
    """Request handlers; the functions that provide the data are passed in."""

    def __init__(
        self,
        *,
        health: Callable[[], Awaitable[Report]],
        cases: Callable[[], Awaitable[Sequence[CaseLine]]],
        metrics: Callable[[], Awaitable[bytes]],
    ) -> None:
        self._health = health
        self._cases = cases
        self._metrics = metrics

    async def live(self, _request: web.Request) -> web.Response:
        """200 while the event loop runs, whatever else is broken."""
        return web.json_response({"status": "live"})

    async def health(self, _request: web.Request) -> web.Response:
        """200 while healthy or degraded, else 503; the body shows which part is the reason."""
        try:
            async with asyncio.timeout(PATIENCE):
                report = await self._health()
        except TimeoutError:
            return _unhealthy(f"Looking at every part took more than {PATIENCE:g} seconds.")
        is_red = report.status is Health.UNHEALTHY
        return web.json_response(as_json(report), status=HTTPStatus.SERVICE_UNAVAILABLE if is_red else HTTPStatus.OK)

    async def cases(self, _request: web.Request) -> web.Response:
        """All cases, for tests and development."""
        lines = [
            {
                "case_id": line.case_id,
                "customer_identifier": line.customer,
                "status": line.status,
                "message_count": line.message_count,
                "escalated": line.escalated,
            }
            for line in await self._cases()
        ]
        return web.json_response({"cases": lines})

    async def metrics(self, _request: web.Request) -> web.Response:
        """Prometheus text."""
        return web.Response(body=await self._metrics(), headers={hdrs.CONTENT_TYPE: CONTENT_TYPE})


def build_web(
    *,
    health: Callable[[], Awaitable[Report]],
    cases: Callable[[], Awaitable[Sequence[CaseLine]]],
    metrics: Callable[[], Awaitable[bytes]],
    answered: Callable[[str, int], None],
    debug: bool,
) -> web.Application:
    """The web application; `answered` is called with the path and status of each response."""
    pages = Pages(health=health, cases=cases, metrics=metrics)
    answers = {"/health": pages.health, "/live": pages.live, "/metrics": pages.metrics}
    if debug:
        answers["/cases"] = pages.cases
    app = web.Application(
        middlewares=[_counted(answered), *([_open_to_local_pages] if debug else []), _in_json(list(answers))]
    )
    for address, answer in answers.items():
        app.router.add_get(address, answer)
    return app


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON (design 3.12)."""
    details: dict[str, Any] = {name: _part_as_json(part) for name, part in report.parts.items()}
    details["outbox"] = {
        "oldest_unsent_seconds": _rounded(report.outbox.oldest_unsent_seconds),
        "refused": report.outbox.refused,
        "last_error": report.outbox.last_error,
        "limited": report.outbox.limited,
        "stuck": report.outbox.stuck,
    }
    return {"status": report.status.value, "services": report.services, "details": details}


def _part_as_json(part: PartReport) -> dict[str, Any]:
    return {
        "since": part.since.isoformat(timespec="seconds"),
        "last_error": part.last_error,
        "deaf_seconds": _rounded(part.deaf_seconds),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _unhealthy(sentence: str) -> web.Response:
    body = {"status": Health.UNHEALTHY.value, "error": sentence}
    return web.json_response(body, status=HTTPStatus.SERVICE_UNAVAILABLE)


def _counted(answered: Callable[[str, int], None]) -> Any:
    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        answered(request.path if request.path in ADDRESSES else "other", answer.status)
        return answer

    return count


def _in_json(shown: Sequence[str]) -> Any:
    """Errors as JSON, with the list of valid paths."""

    @web.middleware
    async def refuse_in_json(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except CasebookError as error:
            return _unhealthy(str(error))
        except web.HTTPException as refusal:
            body = {"error": f"{refusal.reason}.", "addresses": list(shown)}
            headers = {name: refusal.headers[name] for name in (hdrs.ALLOW,) if name in refusal.headers}
            return web.json_response(body, status=refusal.status, headers=headers)

    return refuse_in_json


@web.middleware
async def _open_to_local_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """CORS headers for pages on this machine only."""
    origin = request.headers.get(hdrs.ORIGIN, "")
    is_local = _LOCAL_PAGE.fullmatch(origin) is not None
    if is_local and request.method == hdrs.METH_OPTIONS:
        answer: web.StreamResponse = web.Response(status=HTTPStatus.NO_CONTENT)
        answer.headers[hdrs.ACCESS_CONTROL_ALLOW_METHODS] = "GET"
    else:
        answer = await handler(request)
    answer.headers[hdrs.VARY] = hdrs.ORIGIN
    if is_local:
        answer.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
    return answer


class WebPort:
    """Serves the application on a host and port."""

    def __init__(self, app: web.Application, host: str, port: int) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSING_SECONDS)
        self._host = host
        self._wanted = port

    @property
    def port(self) -> int:
        """The port that is open, also for PORT=0."""
        return int(self._runner.addresses[0][1])

    async def start(self) -> None:
        """Open the port; raises PortError."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host.strip("[]"), self._wanted).start()
        except OSError as error:
            await self._runner.cleanup()
            reason = (error.strerror or str(error)).splitlines()[0]
            address = f"{self._host}:{self._wanted}"
            raise PortError(
                f"The web port {address} cannot be opened ({reason}); choose another HOST or PORT."
            ) from error

    async def stop(self) -> None:
        """Finish open requests and close the port."""
        await self._runner.cleanup()
