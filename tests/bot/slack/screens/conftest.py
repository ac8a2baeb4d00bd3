"""Example values for screens, checks against Slack's rules, and golden files."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.slack.screens.blocks import Post
from bot.slack.screens.doubtful import DoubtfulMail
from bot.slack.screens.forwards import ForwardedMail
from bot.slack.screens.limits import broken_limits, broken_view_limits
from casebook.outbound.email import Readers
from casebook.rules import Reason, ReasonKind
from casebook.views import (
    AnswerState,
    AnswerView,
    CaseCard,
    CaseHistory,
    CaseLine,
    CasePage,
    ClaimView,
    EpisodeView,
    EventLine,
    FileState,
    FileView,
    MessageView,
    Overview,
    Why,
    Wish,
)
from fixtures.cast import ANNA, DORA, SHARED, SUPPORT
from fixtures.workspace import blockkit
from fixtures.workspace.content import MAX_TEXT, MAX_UPDATE_TEXT, read_content
from fixtures.workspace.display import showing
from fixtures.workspace.http.arguments import Arguments
from fixtures.workspace.refusals import PayloadError

GOLDEN = Path(__file__).parent / "golden"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URGENT = Reason(ReasonKind.KEYWORDS, 'says "urgent"')


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/bot/slack/screens --update-golden` rewrites the golden files; review the difference."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")


class Examples:
    """A typical case and everything about it; keyword arguments replace single fields."""

    noon = NOON
    urgent = URGENT

    def __init__(self) -> None:
        self.names = {ANNA.user_id: ANNA.name, DORA.user_id: DORA.name}

    def line(self, **changes: Any) -> CaseLine:
        """An open case of Dora, who waits for an answer since noon."""
        fields = {
            "case_id": "CASE-0001",
            "customer": DORA.user_id,
            "customer_name": DORA.name,
            "source": "slack",
            "subject": "",
            "preview": "The export is broken",
            "status": "open",
            "escalated": False,
            "created_at": NOON,
            "last_message_at": NOON,
            "message_count": 1,
            "waiting_since": NOON,
            "assigned_to": None,
        }
        return CaseLine(**fields | changes)

    def message(self, text: str = "The export is broken", **changes: Any) -> MessageView:
        """A message by Dora."""
        fields = {
            "message_id": 1,
            "case_id": "CASE-0001",
            "sender": DORA.user_id,
            "sender_name": DORA.name,
            "is_customers": True,
            "is_admin": False,
            "is_note": False,
            "standing": "customer",
            "source": "slack",
            "place": SHARED.channel_id,
            "text": text,
            "body": text,
            "timestamp": NOON,
            "edited": False,
            "deleted": False,
            "cut": False,
        }
        return MessageView(**fields | changes)

    def file(self, name: str, **changes: Any) -> FileView:
        """A file in Dora's message."""
        fields = {
            "file_id": 1,
            "name": name,
            "content_type": "application/octet-stream",
            "size": 1000,
            "sha256": "0" * 64,
            "state": FileState.KEPT,
            "why_not": "",
            "embedded": False,
            "remote_id": "",
        }
        return FileView(**fields | changes)

    def by_anna(self, text: str, **changes: Any) -> MessageView:
        """A message by Anna."""
        fields = {"sender": ANNA.user_id, "sender_name": ANNA.name, "is_admin": True, "standing": "admin"}
        return self.message(text, **fields | changes)

    def card(self, **changes: Any) -> CaseCard:
        """The card of that case."""
        fields = {
            "line": self.line(),
            "first": self.message(),
            "last": self.message(),
            "reasons": (),
            "closed_at": None,
            "closed_by": None,
            "follows": None,
            "may_belong_to": None,
            "moved_to": None,
            "card": (SUPPORT.channel_id, "1772452801.000100"),
        }
        return CaseCard(**fields | changes)

    def episode(self, **changes: Any) -> EpisodeView:
        """An escalation that continues."""
        fields = {
            "line": self.line(escalated=True),
            "reasons": (URGENT,),
            "started_at": NOON,
            "ended_at": None,
            "ended_by": None,
            "ended_how": None,
            "card": (SUPPORT.channel_id, "1772452801.000100"),
        }
        return EpisodeView(**fields | changes)

    def answer(self, state: AnswerState = AnswerState.WAITING, **changes: Any) -> AnswerView:
        """Anna's answer."""
        fields = {
            "message_id": 2,
            "case_id": "CASE-0001",
            "author": ANNA.user_id,
            "author_name": ANNA.name,
            "text": "It is mended.",
            "state": state,
            "error": "",
        }
        return AnswerView(**fields | changes)

    def readers(self, *choices: str, named: str = DORA.name) -> Readers:
        """The readers of an answer."""
        return Readers(named=named, last=1, choices=choices)

    def doubtful(self, **changes: Any) -> DoubtfulMail:
        """An email that a ticket system marked as automatic."""
        fields = {
            "ledger_id": 7,
            "sender": "itdesk@customer.example.com",
            "sender_name": "Mia Muster (IT desk)",
            "subject": "INC42: the connection drops",
            "preview": "Can somebody look at it with me?",
            "doubt": "it is marked as generated by a program",
        }
        return DoubtfulMail(**fields | changes)

    def claim(self, text: str = "I'm closing this case.", wish: Wish = Wish.CLOSE, **changes: Any) -> ClaimView:
        """An email that claims to be from an admin."""
        fields = {
            "message": self.message(text, sender="ben@casebook.example.org", sender_name="", standing="claim"),
            "line": self.line(),
            "wish": wish,
            "card": (SUPPORT.channel_id, "1772452801.000100"),
        }
        return ClaimView(**fields | changes)

    def forwarded(self, **changes: Any) -> ForwardedMail:
        """An email that Ben forwarded."""
        fields = {
            "ledger_id": 7,
            "sender": "ben@casebook.example.org",
            "proven": True,
            "author": "mia@customer.example.com",
            "author_name": "Mia Mustermann",
            "subject": "Invoice 17",
            "preview": "The invoice is wrong.",
        }
        return ForwardedMail(**fields | changes)

    def overview(self, **changes: Any) -> Overview:
        """The counts of three open cases."""
        fields = {
            "open": 3,
            "escalated": 1,
            "waiting": 2,
            "unassigned": 2,
            "waiting_longest": NOON,
            "oldest": "CASE-0001",
            "oldest_at": NOON,
        }
        return Overview(**fields | changes)

    def page(self, *lines: CaseLine, page: int = 1, pages: int = 1) -> CasePage:
        """One page of cases."""
        return CasePage(lines=lines, page=page, pages=pages, total=len(lines) + 10 * (pages - 1))

    def history(self, *messages: MessageView, events: tuple[EventLine, ...] = (), **changes: Any) -> CaseHistory:
        """A case with these messages."""
        return CaseHistory(card=self.card(**changes), messages=messages, events=events)

    def event(self, kind: str, actor: str = ANNA.user_id, detail: str = "") -> EventLine:
        """An event of the case."""
        return EventLine(at=NOON, actor=actor, kind=kind, detail=detail)

    def why(self, *episodes: EpisodeView, **changes: Any) -> Why:
        """The escalations of the case, and what would start the next."""
        fields = {
            "line": self.line(),
            "episodes": episodes,
            "silent_since": NOON,
            "due_at": NOON + timedelta(hours=48),
            "is_our_turn": True,
            "unanswered": 1,
            "unanswered_since": NOON,
            "holds_now": (),
        }
        return Why(**fields | changes)


@pytest.fixture(scope="session")
def a() -> Examples:
    """`a.card(...)`, `a.message(...)`: a typical value, with some fields replaced."""
    return Examples()


@pytest.fixture(scope="session")
def refusals() -> Callable[..., list[str]]:
    """Why Slack would refuse a post or a view, according to our own checks and the stand-in's.

    A post that is `updated` later may have less text than a new one.
    """

    def of_view(view: dict[str, Any]) -> list[str]:
        too_large = [f"{blockkit.size(view)} bytes"] if blockkit.size(view) > blockkit.MAX_VIEW_BYTES else []
        return [*broken_view_limits(view), *blockkit.view_problems(view, view["type"]), *too_large]

    def of_post(post: Post, most_text: int) -> list[str]:
        try:
            read_content(Arguments({"text": post.text, "blocks": post.blocks or None}), most_text)
        except PayloadError as error:
            return [*broken_limits(post.text, post.blocks), str(error)]
        return broken_limits(post.text, post.blocks)

    def of_screen(screen: Post | dict[str, Any], *, updated: bool = False) -> list[str]:
        if isinstance(screen, Post):
            return of_post(screen, MAX_UPDATE_TEXT if updated else MAX_TEXT)
        return of_view(screen)

    return of_screen


def as_text(screen: Post | dict[str, Any]) -> str:
    """A screen as plain text, with its notification or its title and buttons."""
    if isinstance(screen, Post):
        return f"(notification) {showing.shown(screen.text, (), str)}\n\n{showing.shown('', screen.blocks, str)}\n"
    ends = [f"[{screen[name]['text']}]" for name in ("submit", "close") if screen.get(name)]
    title = [f"(title) {screen['title']['text']}", ""] if "title" in screen else []
    return "\n".join([*title, showing.shown("", screen["blocks"], str), *ends]) + "\n"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, Post | dict[str, Any]], None]:
    """Compares a screen with its file in golden/, or rewrites that file."""

    def compare(name: str, screen: Post | dict[str, Any]) -> None:
        path = GOLDEN / f"{name}.txt"
        if request.config.getoption("--update-golden", default=False):
            path.write_text(as_text(screen), encoding="utf-8")
        assert path.exists(), f"there is no golden file {path.name}; create it with --update-golden"
        assert as_text(screen) == path.read_text(encoding="utf-8")

    return compare
