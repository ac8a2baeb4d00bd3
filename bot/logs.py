"""Structured logs on standard error: readable on a terminal, JSON lines otherwise, with secrets removed."""

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

# Libraries that log tokens, passwords and whole messages at DEBUG.
TALKATIVE = ("aioimaplib", "slack_sdk", "slack_bolt", "aiohttp", "asyncio", "peewee", "psycopg", "schedule")

SHORTEST_SECRET = 4  # characters; shorter secrets would be cut out of ordinary words


class Redaction:
    """A structlog processor that removes every known secret from an event."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # The longest first: a secret may contain another one.
        self._secrets = sorted({s for s in secrets if len(s) >= SHORTEST_SECRET}, key=len, reverse=True)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """The event without secrets."""
        return {key: self._cleaned(value) for key, value in event.items()}

    def _cleaned(self, value: Any) -> Any:
        match value:
            case None | bool() | int() | float():
                return value
            case dict():
                return {self._cleaned(key): self._cleaned(inner) for key, inner in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._cleaned(inner) for inner in value]
        text = value if isinstance(value, str) else repr(value)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to the current `sys.stderr`: rich replaces it while a bar is shown, to print lines above the bar."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override] # nobody sets it
        return sys.stderr


@contextmanager
def held_back() -> Iterator[None]:
    """Block log output for the length of the block, in which `sys.stderr` is replaced."""
    with ExitStack() as locks:
        for handler in logging.getLogger().handlers:
            if handler.lock is not None:
                locks.enter_context(handler.lock)
        yield


def configure(level: str, secrets: Iterable[str], stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's loggers to `stream` (standard error) from `level` on."""
    out = stream or sys.stderr
    redaction = Redaction(secrets)
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *common,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # `configure` may come after a module has made its logger
    )
    handler = logging.StreamHandler(stream) if stream else _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*common[:1], structlog.stdlib.PositionalArgumentsFormatter(), *common[1:]],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,  # before the redaction: a traceback may hold a secret
                redaction,
                _renderer(out),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    _restrain(root.level)


def _restrain(level: int) -> None:
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.INFO, level))
    # It logs every schema migration, and so does Casebook.
    logging.getLogger("peewee.migrations").setLevel(logging.WARNING)


def _renderer(out: TextIO) -> Processor:
    if out.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer(ensure_ascii=False)
