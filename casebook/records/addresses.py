"""Facts that follow from an email address itself: whether anybody reads it, and its plus extension; pure."""

import re
from collections.abc import Collection

# Nobody reads mail to these addresses, and if a program answers, it would answer for ever.
_UNATTENDED = re.compile(
    r"(?:(?:.*[._-])?(?:no[._-]?reply|do[._-]?not[._-]?reply)|nao[._-]?responda|no[._-]?responder?|no[._-]?contestar|"
    r"ne[._-]?pas[._-]?repondre|(?:nicht|niet)[._-]?(?:be)?antw(?:or|oor)(?:t|d)en|keine[._-]?antwort|svar[._-]?(?:ej|inte|ikke)|"
    r"nie[._-]?odpowiadaj|mailer[._-]?daemon|mail[._-]?daemon|mdaemon|bounces?|bounced|prvs|srs0|srs1|listserv|"
    r"majordomo|auto[._-]?reply|automailer|www[._-]?data|apache|httpd|nobody|wordpress)(?:[+=._-].*)?",
    re.IGNORECASE,
)


def is_unattended(address: str) -> bool:
    """Whether an address belongs to a machine, judging by its local part."""
    return _UNATTENDED.fullmatch(address.rpartition("@")[0]) is not None


def without_plus(address: str) -> str:
    """The address without its plus extension (RFC 5233): `support@x` for `support+eu@x`; others unchanged."""
    local, at, domain = address.rpartition("@")
    base = local.partition("+")[0]
    return f"{base or local}{at}{domain}"


def is_one_of(address: str, addresses: Collection[str]) -> bool:
    """Whether an address is one of these, or a plus address of one of them."""
    return address in addresses or without_plus(address) in addresses


def domain_of(address: str) -> str:
    """The part after the `@`, in lower case."""
    return address.rpartition("@")[2].lower()
