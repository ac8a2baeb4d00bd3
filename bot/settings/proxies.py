"""Chooses the proxy for a URL by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as other programs do."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.settings.kinds import Secret, with_scheme

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_ENTRY = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*|[^\[]*:[^\[]*:[^\[]*?)(?::(?P<port>[0-9]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxies:
    """The proxies of the settings; their URLs may contain passwords."""

    http: Secret | None = None
    https: Secret | None = None
    none_for: str = ""  # hosts, domains, addresses and networks that are reached directly, separated by commas

    def of(self, url: str) -> str | None:
        """The proxy for an HTTP or WebSocket URL; None where it is reached directly."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:
            return None
        proxy = {"http": self.http, "ws": self.http, "https": self.https, "wss": self.https}.get(parts.scheme)
        if proxy is None or any(_names(entry, host, port) for entry in re.split(r"[,\s]+", self.none_for) if entry):
            return None
        return with_scheme(proxy.reveal())


DIRECT = Proxies()


def _names(entry: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY matches this host: by its name, its domain, its network, or `*`."""
    if entry == "*":
        return True
    read = _ENTRY.fullmatch(entry.lower())
    if read is None or (read["port"] and int(read["port"]) != port):
        return False
    name = read["host"].strip("[]").removeprefix("*").lstrip(".")
    return bool(name) and (host == name or host.endswith(f".{name}") or _is_within(host, name))


def _is_within(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
