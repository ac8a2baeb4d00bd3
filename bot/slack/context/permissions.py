"""Who may do what on Slack: one table for commands, buttons, phrases and the Home tab (design 3.2)."""

from enum import StrEnum


class Role(StrEnum):
    """Somebody's role; it depends on who they are, never on the channel."""

    ADMIN = "admin"
    COLLEAGUE = "colleague"  # a member of the home workspace who is not an admin, with HOME_MEMBERS=ignore
    CUSTOMER = "customer"
    BOT = "bot"
    GONE = "gone"  # deactivated, or could not be looked up: may press and command nothing


class Act(StrEnum):
    """Something that needs permission."""

    WRITE = "write"  # a message that becomes part of a case
    ANSWER = "answer"  # a message that answers the customer, and may close the case by a phrase
    OWN_STATUS = "own status"
    STATUS = "status"
    LIST = "list"
    SHOW = "show"
    CLOSE = "close"
    REOPEN = "reopen"
    TAKE = "take"
    ASSIGN = "assign"
    NOTE = "note"
    REPLY = "reply"
    CALM = "calm"
    WHY = "why"
    OPEN = "open"  # take in a message that was ignored
    ADD = "add"  # add a message to a case
    ESCALATE = "escalate"
    PLACE = "place"  # choose the case of a message
    CONFIRM = "confirm"  # decide whether an email is from an admin
    HELP = "help"
    HOME = "home"
    OWN_HOME = "own home"


_ADMIN_ONLY = (
    Act.ANSWER,
    Act.STATUS,
    Act.LIST,
    Act.SHOW,
    Act.CLOSE,
    Act.REOPEN,
    Act.TAKE,
    Act.ASSIGN,
    Act.NOTE,
    Act.REPLY,
    Act.CALM,
    Act.WHY,
    Act.OPEN,
    Act.ADD,
    Act.ESCALATE,
    Act.PLACE,
    Act.CONFIRM,
    Act.HELP,
    Act.HOME,
)
_CUSTOMERS_TOO = (Act.OWN_STATUS, Act.OWN_HOME)

MAY: dict[Act, frozenset[Role]] = {
    **{act: frozenset({Role.ADMIN}) for act in _ADMIN_ONLY},
    **{act: frozenset({Role.ADMIN, Role.CUSTOMER}) for act in _CUSTOMERS_TOO},
    # Somebody may have left after writing; their message is still taken in.
    Act.WRITE: frozenset({Role.ADMIN, Role.CUSTOMER, Role.GONE}),
}


def may(role: Role, act: Act) -> bool:
    """Whether this role may do this act; an act that is not in the table is allowed for nobody."""
    return role in MAY.get(act, frozenset())
