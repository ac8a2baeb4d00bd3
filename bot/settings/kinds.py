"""Kinds of settings: each converts text into a value, and describes valid text."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_CHANNEL = re.compile(r"[CG][A-Z0-9]+|#[^\s#,A-Z]{1,80}")
_USER = re.compile(r"[UW][A-Z0-9]+")
_GROUP = re.compile(r"S[A-Z0-9]+|@?[^\s@,A-Z]+")
_ADDRESS = re.compile(r"[^\s@<>,]+@[^\s@<>,]+")
_HOST = re.compile(r"\[?[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*]?|[^\s/:@]+")
_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})

MOST_HOURS = 876_000  # a century; larger values overflow datetime arithmetic
MOST_SECONDS = 86_400  # a day
MOST_MESSAGES = 1_000_000
LAST_PORT = 65_535


class Secret:
    """A token or password whose value only `reveal()` returns: it never shows in repr, str, logs or asdict."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret, to pass to the library that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)


class HomeMembers(StrEnum):
    """How members of the home workspace who are not admins are treated (design 3.2)."""

    CUSTOMERS = "customers"
    IGNORE = "ignore"


class ImapMark(StrEnum):
    """What is done to a mail in the inbox after it is stored."""

    SEEN = "seen"
    NONE = "none"


class SmtpTls(StrEnum):
    """Encryption of outgoing mail: STARTTLS, implicit TLS, or none."""

    STARTTLS = "starttls"
    IMPLICIT = "true"
    PLAIN = "false"


class LogLevel(StrEnum):
    """The lowest level that is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of setting is converted: `convert` raises ValueError for text that is not `right`."""

    convert: Callable[[str], Any]
    right: str  # completes "NAME must be ..."; it never repeats the value, which may be a secret
    secret: bool = False


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError
        return text

    return convert


def _each(convert: Callable[[str], str]) -> Callable[[str], tuple[str, ...]]:
    """A comma-separated list, each entry once, in the order given."""

    def convert_all(text: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(convert(entry.strip()) for entry in text.split(",") if entry.strip()))

    return convert_all


def _set_of(convert: Callable[[str], str]) -> Callable[[str], frozenset[str]]:
    return lambda text: frozenset(_each(convert)(text))


def _boolean(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ValueError
    return text.lower() in _YES


def _number(most: float, *, zero: bool = False) -> Callable[[str], float]:
    """A finite number above 0 (or from 0 on) and at most `most`, with fractions."""

    def convert(text: str) -> float:
        value = float(text)
        if not 0 <= value <= most or (value == 0 and not zero):  # NaN fails the first comparison
            raise ValueError
        return value

    return convert


def _integer(least: int, most: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError
        return int(text)

    return convert


def _group(text: str) -> str:
    return _matching(_GROUP)(text).removeprefix("@")


def _api_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", text):
        raise ValueError
    return text.rstrip("/") + "/"


def _tls(text: str) -> SmtpTls:
    if text.lower() == SmtpTls.STARTTLS:
        return SmtpTls.STARTTLS
    return SmtpTls.IMPLICIT if _boolean(text) else SmtpTls.PLAIN


def _folder(text: str) -> Path | None:
    return None if text.lower() == "none" else Path(text)


def _token(prefix: str) -> Callable[[str], Secret]:
    return lambda text: Secret(_matching(re.compile(prefix + r"\S+"))(text))


def with_scheme(proxy: str) -> str:
    """The address of a proxy; http is the default scheme, as in other programs."""
    return proxy if "://" in proxy else f"http://{proxy}"


def _proxy(text: str) -> Secret:
    host = r"\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]]+"
    if not re.fullmatch(rf"https?://([^\s/@]*@)?({host})(:[0-9]{{1,5}})?/?", with_scheme(text)):
        raise ValueError
    urlsplit(with_scheme(text)).port  # noqa: B018 - raises ValueError for one that cannot be
    return Secret(text)


def _database_url(text: str) -> Secret:
    """The URL of the database; some hosting providers write `postgres://` for `postgresql://`."""
    url = re.sub(r"^postgres://", "postgresql://", text)
    lost_at_exit = ":memory:" in url or "mode=memory" in url
    if lost_at_exit or not re.fullmatch(r"sqlite:///[^\s/].*|sqlite:////.*[^/]|postgresql://\S*[^\s/]", url):
        raise ValueError
    urlsplit(url)  # raises ValueError for an invalid URL
    return Secret(url)


DATABASE_URL = Kind(
    _database_url,
    "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME, and never :memory:, which forgets",
    secret=True,
)
BOT_TOKEN = Kind(_token("xoxb-"), "the Slack app's bot token, which begins with xoxb-", secret=True)
APP_TOKEN = Kind(_token("xapp-"), "the Slack app's app-level token, which begins with xapp-", secret=True)
PASSWORD = Kind(Secret, "a secret in UTF-8", secret=True)
API_URL = Kind(_api_url, "an address such as https://slack.com/api/")
PROXY = Kind(_proxy, "the address of an HTTP proxy such as http://proxy.example.org:3128", secret=True)
CHANNEL = Kind(_matching(_CHANNEL), "a channel's ID such as C0123456789, or its name such as #support")
CHANNELS = Kind(_each(_matching(_CHANNEL)), "channel IDs or names such as C0123456789,#customers, separated by commas")
ADDRESS = Kind(_matching(_ADDRESS), "one e-mail address such as support@example.org")
ADDRESSES = Kind(
    _set_of(lambda text: _matching(_ADDRESS)(text).lower()),
    "e-mail addresses such as anna@example.org, separated by commas",
)
APPS = Kind(_set_of(str), "IDs or names of apps such as A0123456789,Help form, separated by commas")
USERS = Kind(_set_of(_matching(_USER)), "Slack user IDs such as U0123456789, separated by commas (no names, no @)")
GROUP = Kind(_group, "a user group's ID such as S0123456789, or its handle such as @support-team")
HOST_NAME = Kind(_matching(_HOST), "a host's name or address, without a scheme and without a port")
TEXT = Kind(str, "text")
WORDS = Kind(_each(str), "words separated by commas")
BOOLEAN = Kind(_boolean, "true or false")
HOURS = Kind(_number(MOST_HOURS), f"a number of hours above 0 and at most {MOST_HOURS}, such as 48 or 0.5")
SECONDS = Kind(_number(MOST_SECONDS), f"a number of seconds above 0 and at most {MOST_SECONDS}, such as 30 or 0.5")
PAUSE = Kind(_number(MOST_SECONDS, zero=True), f"a number of seconds from 0 to {MOST_SECONDS}")
FOLLOW_UPS = Kind(_integer(1, MOST_MESSAGES), f"a whole number from 1 to {MOST_MESSAGES}")
PORT = Kind(_integer(1, LAST_PORT), f"a port number from 1 to {LAST_PORT}")
OWN_PORT = Kind(_integer(0, LAST_PORT), f"a port number from 1 to {LAST_PORT}, or 0 for any free one")
FOLDER = Kind(_folder, "a folder, or none")
HOME = Kind(lambda text: HomeMembers(text.lower()), "customers or ignore")
MARK = Kind(lambda text: ImapMark(text.lower()), "seen or none")
TLS = Kind(_tls, "starttls, true or false")
LEVEL = Kind(lambda text: LogLevel(text.upper()), "DEBUG, INFO, WARNING, ERROR or CRITICAL")
