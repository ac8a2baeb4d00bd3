"""Who may do what on Slack: one table for commands, buttons, phrases and Home alike (design 3.2)."""

from enum import StrEnum


class Role(StrEnum):
    """What somebody is to us; it comes from who they are, never from the channel they are in."""

    ADMIN = "admin"
    COLLEAGUE = "colleague"  # a member of the home workspace who is no admin, with HOME_MEMBERS=ignore
    CUSTOMER = "customer"
    BOT = "bot"
    GONE = "gone"  # deactivated, or not to be found out: nobody who may do anything


class Act(StrEnum):
    """What somebody may want to do."""

    WRITE = "write"  # a message that becomes part of a case
    ANSWER = "answer"  # a message that answers, and may close by its words
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
    OPEN = "open"  # take in a message that was left out
    ADD = "add"  # add a message to a case
    ESCALATE = "escalate"
    PLACE = "place"  # say which case a message belongs to
    CONFIRM = "confirm"  # say whether a mail is an admin's
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
    # Somebody who has left since wrote all the same: nobody's words are lost for it.
    Act.WRITE: frozenset({Role.ADMIN, Role.CUSTOMER, Role.GONE}),
}


def may(role: Role, act: Act) -> bool:
    """Whether somebody of this role may do this; what the table does not name, nobody may."""
    return role in MAY.get(act, frozenset())
