"""Explains why a connection to a mail server fails, and describes one that works."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime
from typing import Any

from bot.reports.findings import Finding, failed, ok, warning

_SOON_DAYS = 14


def unreachable(what: str, error: BaseException, server: str, port: int, tls_setting: str) -> Finding:
    """The finding for an error on connecting; `tls_setting` is the variable that sets the encryption."""
    at = f"{server}:{port}"
    name = what.upper()
    match error:
        case ssl.SSLCertVerificationError():
            advice = f"Write into {name}_SERVER the name that stands in its certificate, or let it get a valid one."
            return failed(what, f"the certificate of {at} is not good: {error.verify_message}", advice)
        case ssl.SSLError():
            advice = f"Correct {name}_PORT, or {tls_setting}."
            return failed(what, f"{at} does not speak TLS ({error.reason or 'broken off'})", advice)
        case socket.gaierror():
            return failed(what, f"nobody knows the name {server}", f"Correct {name}_SERVER.")
        case TimeoutError():
            advice = f"See that {name}_PORT and {tls_setting} go together, and that no firewall is in between."
            return failed(what, f"{at} does not answer", advice)
        case ConnectionRefusedError():
            return failed(what, f"nothing listens at {at}", f"Correct {name}_SERVER or {name}_PORT.")
    reason = (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
    return failed(what, f"{at} cannot be reached: {reason}", f"Correct {name}_SERVER, or look at the line to it.")


def reached(what: str, server: str, port: int, transport: asyncio.BaseTransport | None, now: datetime) -> Finding:
    """The finding for an open connection: its encryption, and how long the server's certificate is valid."""
    encryption: Any = transport.get_extra_info("ssl_object") if transport else None
    if encryption is None:
        return ok(what, f"{server}:{port} answers, without encryption")
    found = f"{server}:{port} answers, with {encryption.version()}"
    ends = (encryption.getpeercert() or {}).get("notAfter")
    if not ends:
        return ok(what, found)
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
    found += f" and a certificate that is good until {until:%Y-%m-%d}"
    if (until - now).days < _SOON_DAYS:
        return warning(what, found, "See that it is renewed in time.")
    return ok(what, found)
