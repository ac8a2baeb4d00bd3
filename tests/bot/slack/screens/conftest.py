"""Cases to show, Slack's own judgement of what is shown, and screens kept as pictures in text files."""

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
from fixtures.workspace import blockkit, showing
from fixtures.workspace.arguments import Arguments
from fixtures.workspace.content import MOST_TEXT, MOST_UPDATE_TEXT, read_content
from fixtures.workspace.refusals import PayloadError

GOLDEN = Path(__file__).parent / "golden"
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URGENT = Reason(ReasonKind.KEYWORDS, 'says "urgent"')


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest tests/bot/slack/screens --update-golden`: then read the difference as a reviewer would."""
    parser.addoption("--update-golden", action="store_true", help="write the golden screens anew")


class Examples:
    """A usual case and everything that is told of it; whatever is named is different."""

    noon = NOON
    urgent = URGENT

    def __init__(self) -> None:
        self.names = {ANNA.user_id: ANNA.name, DORA.user_id: DORA.name}

    def line(self, **changes: Any) -> CaseLine:
        """An open case of Dora's that waits for us since noon."""
        usual = {
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
        return CaseLine(**usual | changes)

    def message(self, text: str = "The export is broken", **changes: Any) -> MessageView:
        """What Dora wrote."""
        usual = {
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
        return MessageView(**usual | changes)

    def file(self, name: str, **changes: Any) -> FileView:
        """A file that Dora added to it."""
        usual = {
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
        return FileView(**usual | changes)

    def by_anna(self, text: str, **changes: Any) -> MessageView:
        """What Anna wrote."""
        usual = {"sender": ANNA.user_id, "sender_name": ANNA.name, "is_admin": True, "standing": "admin"}
        return self.message(text, **usual | changes)

    def card(self, **changes: Any) -> CaseCard:
        """The card of that case."""
        usual = {
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
        return CaseCard(**usual | changes)

    def episode(self, **changes: Any) -> EpisodeView:
        """An episode that goes on."""
        usual = {
            "line": self.line(escalated=True),
            "reasons": (URGENT,),
            "started_at": NOON,
            "ended_at": None,
            "ended_by": None,
            "ended_how": None,
            "card": (SUPPORT.channel_id, "1772452801.000100"),
        }
        return EpisodeView(**usual | changes)

    def answer(self, state: AnswerState = AnswerState.WAITING, **changes: Any) -> AnswerView:
        """Anna's answer."""
        usual = {
            "message_id": 2,
            "case_id": "CASE-0001",
            "author": ANNA.user_id,
            "author_name": ANNA.name,
            "text": "It is mended.",
            "state": state,
            "sends_at": NOON + timedelta(seconds=10),
            "error": "",
        }
        return AnswerView(**usual | changes)

    def readers(self, *choices: str, named: str = DORA.name) -> Readers:
        """Who reads an answer."""
        return Readers(named=named, last=1, choices=choices)

    def doubtful(self, **changes: Any) -> DoubtfulMail:
        """A mail that a ticket system marked as automatic."""
        usual = {
            "ledger_id": 7,
            "sender": "itdesk@customer.example.com",
            "sender_name": "Mia Muster (IT desk)",
            "subject": "INC42: the connection drops",
            "preview": "Can somebody look at it with me?",
            "doubt": "it is marked as generated by a program",
        }
        return DoubtfulMail(**usual | changes)

    def claim(self, text: str = "I'm closing this case.", wish: Wish = Wish.CLOSE, **changes: Any) -> ClaimView:
        """A mail that says it is from an admin."""
        usual = {
            "message": self.message(text, sender="ben@casebook.example.org", sender_name="", standing="claim"),
            "line": self.line(),
            "wish": wish,
            "card": (SUPPORT.channel_id, "1772452801.000100"),
        }
        return ClaimView(**usual | changes)

    def passed(self, **changes: Any) -> ForwardedMail:
        """A mail that Ben forwarded."""
        usual = {
            "ledger_id": 7,
            "sender": "ben@casebook.example.org",
            "proven": True,
            "author": "mia@customer.example.com",
            "author_name": "Mia Mustermann",
            "subject": "Invoice 17",
            "preview": "The invoice is wrong.",
        }
        return ForwardedMail(**usual | changes)

    def overview(self, **changes: Any) -> Overview:
        """Three open cases."""
        usual = {
            "open": 3,
            "escalated": 1,
            "waiting": 2,
            "unassigned": 2,
            "waiting_longest": NOON,
            "oldest": "CASE-0001",
            "oldest_at": NOON,
        }
        return Overview(**usual | changes)

    def page(self, *lines: CaseLine, page: int = 1, pages: int = 1) -> CasePage:
        """One page of cases."""
        return CasePage(lines=lines, page=page, pages=pages, total=len(lines) + 10 * (pages - 1))

    def history(self, *messages: MessageView, events: tuple[EventLine, ...] = (), **changes: Any) -> CaseHistory:
        """A case with these messages."""
        return CaseHistory(card=self.card(**changes), messages=messages, events=events)

    def event(self, kind: str, actor: str = ANNA.user_id, detail: str = "") -> EventLine:
        """Something that happened to it."""
        return EventLine(at=NOON, actor=actor, kind=kind, detail=detail)

    def why(self, *episodes: EpisodeView, **changes: Any) -> Why:
        """What the rules see of it."""
        usual = {
            "line": self.line(),
            "episodes": episodes,
            "silent_since": NOON,
            "due_at": NOON + timedelta(hours=48),
            "is_our_turn": True,
            "unanswered": 1,
            "unanswered_since": NOON,
            "holds_now": (),
        }
        return Why(**usual | changes)


@pytest.fixture(scope="session")
def a() -> Examples:
    """`a.card(...)`, `a.message(...)`: a usual one, and what is different about it."""
    return Examples()


@pytest.fixture(scope="session")
def refusals() -> Callable[..., list[str]]:
    """Why Slack would refuse a post, or a view; by our own reckoning and by the stand-in's.

    A post that is `updated` later may have less text than a new one.
    """

    def of_view(view: dict[str, Any]) -> list[str]:
        too_large = [f"{blockkit.size(view)} bytes"] if blockkit.size(view) > blockkit.MOST_VIEW_BYTES else []
        return [*broken_view_limits(view), *blockkit.view_problems(view, view["type"]), *too_large]

    def of_post(said: Post, most_text: int) -> list[str]:
        try:
            read_content(Arguments({"text": said.text, "blocks": said.blocks or None}), most_text)
        except PayloadError as error:
            return [*broken_limits(said.text, said.blocks), str(error)]
        return broken_limits(said.text, said.blocks)

    def of_screen(screen: Post | dict[str, Any], *, updated: bool = False) -> list[str]:
        if isinstance(screen, Post):
            return of_post(screen, MOST_UPDATE_TEXT if updated else MOST_TEXT)
        return of_view(screen)

    return of_screen


def picture(screen: Post | dict[str, Any]) -> str:
    """A screen as a person sees it, with a frame that says what else Slack shows."""
    if isinstance(screen, Post):
        return f"(notification) {showing.shown(screen.text, (), str)}\n\n{showing.shown('', screen.blocks, str)}\n"
    ends = [f"[{screen[name]['text']}]" for name in ("submit", "close") if screen.get(name)]
    title = [f"(title) {screen['title']['text']}", ""] if "title" in screen else []
    return "\n".join([*title, showing.shown("", screen["blocks"], str), *ends]) + "\n"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, Post | dict[str, Any]], None]:
    """Compares a screen with its picture in golden/, or draws it anew."""

    def compare(name: str, screen: Post | dict[str, Any]) -> None:
        path = GOLDEN / f"{name}.txt"
        if request.config.getoption("--update-golden", default=False):
            path.write_text(picture(screen), encoding="utf-8")
        assert path.exists(), f"there is no picture {path.name}; draw it with --update-golden"
        assert picture(screen) == path.read_text(encoding="utf-8")

    return compare
