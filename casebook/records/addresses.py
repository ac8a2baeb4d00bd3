"""What an email address tells by itself: whether anybody reads it, and which address its plus sign extends; pure."""

import re
from collections.abc import Collection

# Behind these addresses nobody reads, and what answers there would answer for ever.
_UNATTENDED = re.compile(
    r"(?:(?:.*[._-])?(?:no[._-]?reply|do[._-]?not[._-]?reply)|nao[._-]?responda|no[._-]?responder?|no[._-]?contestar|"
    r"ne[._-]?pas[._-]?repondre|(?:nicht|niet)[._-]?(?:be)?antw(?:or|oor)(?:t|d)en|keine[._-]?antwort|svar[._-]?(?:ej|inte|ikke)|"
    r"nie[._-]?odpowiadaj|mailer[._-]?daemon|mail[._-]?daemon|mdaemon|bounces?|bounced|prvs|srs0|srs1|listserv|"
    r"majordomo|auto[._-]?reply|automailer|www[._-]?data|apache|httpd|nobody|wordpress)(?:[+=._-].*)?",
    re.IGNORECASE,
)


def is_unattended(address: str) -> bool:
    """Whether an address belongs to a machine, as its local part says."""
    return _UNATTENDED.fullmatch(address.rpartition("@")[0]) is not None


def without_plus(address: str) -> str:
    """The address behind a plus address (RFC 5233): `support@x` for `support+eu@x`; any other as it is."""
    local, at, domain = address.rpartition("@")
    base = local.partition("+")[0]
    return f"{base or local}{at}{domain}"


def is_one_of(address: str, addresses: Collection[str]) -> bool:
    """Whether an address is one of these, or a plus address of one."""
    return address in addresses or without_plus(address) in addresses


def domain_of(address: str) -> str:
    """What stands behind the `@`, in lower case."""
    return address.rpartition("@")[2].lower()
