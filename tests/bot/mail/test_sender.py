"""The sender: each email is sent once, in order, over one connection; none is lost, whatever the server does."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import structlog.testing
import trustme

from bot.clock import Clock
from bot.desk import Desk
from bot.mail.parse import read_mail
from bot.mail.sender import Sender, retry_after
from bot.mail.smtp.compose import SenderIdentity
from bot.mail.smtp.connection import SmtpAccount
from bot.settings.kinds import SmtpTls
from bot.status import Part, State
from casebook import cases, notices
from casebook.incoming import Incoming, Source, Standing
from casebook.models import Case, Message, Notice
from casebook.outbound import replies
from casebook.outcomes import NoticeKind
from casebook.rules import Limits
from fixtures.cast import ANNA, INBOX, MAIL_CUSTOMERS
from fixtures.mailbox import Mailbox

MIA, NOOR, _ = MAIL_CUSTOMERS
LIMITS = Limits(can_mail=True)


@dataclass
class Sending:
    """A running sender, and its database."""

    box: Mailbox
    desk: Any
    clock: Clock
    part: Part
    sender: Sender
    said: list[int] = field(default_factory=list)

    async def asked(self, customer: str = MIA, text: str = "It does not work", **changes: Any) -> str:
        """A customer writes by mail; returns the case."""
        number = await self.desk.do(lambda: Message.select().count())
        incoming = Incoming(
            source=Source.EMAIL,
            external_id=f"m{number}@customer.example.com",
            sender=customer,
            standing=Standing.CUSTOMER,
            timestamp=self.clock.now(),
            body=text,
            new_text=text,
            subject="Invoice 17",
            **changes,
        )
        received = await self.desk.do(cases.receive, incoming, now=self.clock.now(), limits=LIMITS)
        return str(received.case_id)

    async def answered(self, case_id: str, text: str = "It is mended") -> int:
        """Anna replies; returns the message."""
        number = await self.desk.do(lambda: Message.select().count())
        incoming = Incoming(
            source=Source.SLACK,
            external_id=f"T0HOME001:answer:{number}",
            sender=ANNA.user_id,
            sender_name="Anna Example",
            standing=Standing.NOTE,
            timestamp=self.clock.now(),
            body=text,
            new_text=text,
            cases_named=(int(case_id[-4:]),),
        )
        await self.desk.do(replies.draft, incoming, now=self.clock.now(), undo=timedelta(), limits=LIMITS)
        return await self.desk.do(lambda: Message.get(Message.external_id == incoming.external_id).id)

    async def outbox(self) -> list[tuple[str, str]]:
        """State and error of every reply."""
        rows = Notice.select().where(Notice.kind == "answer").order_by(Notice.id)
        return await self.desk.do(lambda: [(row.state, row.error) for row in rows])

    def later(self, **length: float) -> None:
        """Advance the clock."""
        self.clock.push(timedelta(**length))


@pytest.fixture
def sending(desk: Desk, box: Mailbox) -> Callable[..., Sending]:
    """A sender for a mailbox, with changes."""

    def build(account: dict[str, Any] | None = None, **changes: Any) -> Sending:
        clock = Clock()
        part = Part("email_sender", clock, up_word="sending", down_word="waiting")
        said: list[int] = []
        given: dict[str, Any] = {"server": box.host, "port": box.smtp_port, "tls": SmtpTls.PLAIN} | (account or {})
        options: dict[str, Any] = {"answer_within": 2.0, "send_within": 2.0, "retry": 1.0, "retry_login": 60.0}
        sender = Sender(
            None if account == {} else SmtpAccount(**given),
            changes.pop("head", SenderIdentity(sender=INBOX, inbox=INBOX)),
            desk=desk,
            clock=clock,
            limits=LIMITS,
            part=part,
            on_said=lambda: said.append(1),
            **options | changes,
        )
        return Sending(box, desk, clock, part, sender, said)

    return build


@pytest.fixture(autouse=True)
async def book(desk: Desk) -> None:
    """Open the database."""
    await desk.do(lambda: None)


async def test_what_is_due_is_sent_in_order_over_one_connection(sending):
    mail = sending()
    first, second = await mail.asked(), await mail.asked(NOOR)
    await mail.answered(first, "One")
    await mail.answered(second, "Two")
    await mail.answered(first, "Three")

    await mail.sender.step()

    assert [read_mail(sent.raw).new_text for sent in mail.box.sent] == ["One", "Two", "Three"]
    assert mail.box.smtp_connections == 1
    assert await mail.outbox() == [("sent", "")] * 3
    assert (len(mail.said), mail.part.state) == (3, State.UP)


async def test_what_is_slacks_is_left_alone(sending):
    mail = sending()
    await mail.asked()

    await mail.sender.step()

    states = await mail.desk.do(lambda: {row.state for row in Notice.select()})
    assert (states, mail.box.smtp_connections) == ({"pending"}, 0)


@pytest.mark.parametrize(
    ("answer", "permanent", "soon", "late"),
    [("450 4.2.1 Greylisted, try later", False, 7, 3600), ("550 5.1.1 No such user here", True, 2000, 5000)],
)
async def test_a_refusal_that_may_pass_is_tried_again_soon_and_one_for_good_after_an_hour(
    sending, answer, permanent, soon, late
):
    mail = sending()
    case_id = await mail.asked()
    message = await mail.answered(case_id)
    mail.box.smtp_faults.refused[MIA] = answer

    await mail.sender.step()
    (state, error), shown = (await mail.outbox())[0], await mail.desk.do(replies.view, message)
    mail.box.smtp_faults.clear()
    await mail.sender.step()
    too_early = len(mail.box.sent)
    mail.later(seconds=soon)
    await mail.sender.step()
    sent_soon = len(mail.box.sent)
    mail.later(seconds=late)
    await mail.sender.step()

    assert (state, shown.state, shown.error) == ("failed", replies.AnswerState.REFUSED, error)
    assert error.startswith(f"the mail server says {answer}")
    assert ("Try again" in error) == permanent
    assert (too_early, sent_soon, len(mail.box.sent)) == (0, 0 if permanent else 1, 1)
    assert mail.part.state is State.UP


async def test_one_refused_mail_does_not_hold_up_the_next(sending):
    mail = sending()
    first, second = await mail.asked(), await mail.asked(NOOR)
    await mail.answered(first)
    await mail.answered(second)
    mail.box.smtp_faults.refused[MIA] = "550 no"

    await mail.sender.step()

    assert [sent.recipients for sent in mail.box.sent] == [(NOOR,)]
    assert mail.box.smtp_connections == 1


async def test_an_unexpected_error_fails_one_mail_and_does_not_hold_up_the_next(sending):
    mail = sending()
    case_id = await mail.asked()
    now, named = mail.clock.now(), {"lane": notices.MAIL, "case_id": case_id}
    await mail.desk.do(notices.put, NoticeKind.TELL, now=now, payload={"no": "text"}, **named)
    await mail.answered(await mail.asked(NOOR))

    await mail.sender.step()

    tell = await mail.desk.do(lambda: Notice.get(Notice.kind == "tell"))
    assert [sent.recipients for sent in mail.box.sent] == [(NOOR,)]
    assert (tell.state, tell.error, tell.claimed_until) == ("failed", "a mistake in Casebook (KeyError)", None)
    assert tell.due_at > now


async def test_a_mail_that_is_refused_after_its_content_is_handled_as_well(sending):
    mail = sending()
    await mail.answered(await mail.asked())
    mail.box.smtp_faults.refused_data = "554 5.7.1 Looks like spam"

    await mail.sender.step()

    assert (await mail.outbox())[0][1].startswith("the mail server says 554 5.7.1 Looks like spam; ")


async def with_a_stranger(mail: Sending) -> None:
    """Mia writes, then Noor, whom she addressed, replies to both, and Anna replies."""
    case_id = await mail.asked(addressed=(NOOR,))
    stranger = Incoming(
        source=Source.EMAIL,
        external_id="x@customer.example.com",
        sender=NOOR,
        standing=Standing.CUSTOMER,
        timestamp=mail.clock.now(),
        body="Me too",
        new_text="Me too",
        conversation=("m0@customer.example.com",),
        addressed=(MIA,),
    )
    await mail.desk.do(cases.receive, stranger, now=mail.clock.now(), limits=LIMITS)
    await mail.answered(case_id)


async def test_when_one_of_two_readers_is_refused_for_now_the_mail_waits_for_both(sending):
    mail = sending()
    await with_a_stranger(mail)
    mail.box.smtp_faults.refused[MIA] = "451 later"

    await mail.sender.step()
    first = list(mail.box.sent)
    mail.box.smtp_faults.clear()
    mail.later(seconds=10)
    await mail.sender.step()

    assert first == []
    assert mail.box.sent[0].recipients == (NOOR, MIA)


async def test_when_one_of_two_readers_is_refused_the_other_gets_it_and_the_log_channel_says_so(sending):
    mail = sending()
    await with_a_stranger(mail)
    mail.box.smtp_faults.refused[MIA] = "550 gone"

    await mail.sender.step()

    logged = await mail.desk.do(lambda: [row.payload for row in Notice.select().where(Notice.kind == "log")])
    assert mail.box.sent[0].recipients == (NOOR,)
    assert f"{MIA}: 550 gone" in logged[-1]
    assert await mail.outbox() == [("sent", "")]


async def test_a_mail_is_sent_again_under_the_same_message_id_when_the_connection_is_lost_after_it_was_accepted(
    sending,
):
    mail = sending()
    await mail.answered(await mail.asked())
    mail.box.smtp_faults.drops_after_accepting = 1

    await mail.sender.step()
    broken = await mail.outbox()
    mail.later(seconds=3)
    await mail.sender.step()

    first, again = (read_mail(sent.raw).message_id for sent in mail.box.sent)
    assert (broken[0][0], first == again) == ("pending", True)
    assert await mail.outbox() == [("sent", "")]
    assert await mail.desk.do(lambda: Case.get().message_count) == 2


async def test_a_server_that_hangs_is_left_and_the_mail_sent_again(sending):
    mail = sending(send_within=0.1)
    await mail.answered(await mail.asked())
    mail.box.smtp_faults.hangs = True

    await mail.sender.step()
    state, error = (await mail.outbox())[0]
    mail.box.smtp_faults.clear()
    mail.later(seconds=3)
    await mail.sender.step()

    assert (state, error) == ("pending", "The mail server does not answer in time.")
    assert (await mail.outbox(), len(mail.box.sent)) == ([("sent", "")], 1)


async def test_while_the_server_is_unavailable_everything_waits_and_shows_since_when(sending):
    mail = sending({"port": 1})
    first, second = await mail.asked(), await mail.asked(NOOR)
    message = await mail.answered(first)
    await mail.answered(second)

    await mail.sender.step()
    await mail.sender.step()

    outbox, shown = await mail.outbox(), await mail.desk.do(replies.view, message)
    assert [state for state, _ in outbox] == ["pending", "pending"]
    assert outbox[0][1].startswith("The mail server cannot be reached: ")
    assert shown.state is replies.AnswerState.REFUSED
    assert (mail.part.state, mail.part.last_error) == (State.DOWN, outbox[0][1])


async def test_a_server_that_disconnects_at_once_is_unavailable(sending):
    mail = sending()
    await mail.answered(await mail.asked())
    mail.box.smtp_faults.is_away = True

    await mail.sender.step()

    assert (await mail.outbox())[0][0] == "pending"
    assert mail.part.state is State.DOWN


async def test_a_refused_login_is_not_tried_again_for_a_while(sending):
    mail = sending({"user": "support", "password": "wrong"})
    await mail.answered(await mail.asked())
    mail.box.smtp_faults.password = "right"

    await mail.sender.step()
    mail.later(seconds=20)
    await mail.sender.step()
    tries = mail.box.smtp_connections
    mail.box.smtp_faults.clear()
    mail.later(seconds=50)
    await mail.sender.step()

    assert tries == 1
    assert "correct SMTP_USER and SMTP_PASSWORD" in mail.part.last_error
    assert await mail.outbox() == [("sent", "")]


async def test_with_starttls_the_connection_is_encrypted_and_the_certificate_checked(sending):
    authority = trustme.CA()
    serving, trusting, strange = (ssl_context(authority, kind) for kind in ("server", "client", "stranger"))
    async with Mailbox.running(starttls=serving) as box:
        good = sending({"port": box.smtp_port, "tls": SmtpTls.STARTTLS, "authorities": trusting, "server": "localhost"})
        await good.answered(await good.asked())
        await good.sender.step()
        bad = sending({"port": box.smtp_port, "tls": SmtpTls.STARTTLS, "authorities": strange, "server": "localhost"})
        await bad.answered(await bad.asked(NOOR))
        await bad.sender.step()

        assert [sent.recipients for sent in box.sent] == [(MIA,)]
    assert "certificate of the mail server is not good" in bad.part.last_error


async def test_with_starttls_nothing_is_said_to_a_server_that_does_not_offer_it(sending):
    mail = sending({"tls": SmtpTls.STARTTLS})
    await mail.answered(await mail.asked())

    await mail.sender.step()

    assert mail.box.sent == []
    assert mail.part.state is State.DOWN


def ssl_context(authority: trustme.CA, kind: str) -> Any:
    if kind == "server":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        return context
    context = ssl.create_default_context()
    if kind == "client":
        authority.configure_trust(context)
    return context


async def test_addresses_beyond_ascii_go_out_where_the_server_offers_it(sending):
    mail = sending()
    await mail.answered(await mail.asked("zoë@customer.example.com"))

    await mail.sender.step()

    assert mail.box.sent[0].recipients == ("zoë@customer.example.com",)


async def test_nothing_is_ever_sent_to_an_address_of_our_own(sending):
    mail = sending(head=SenderIdentity(sender=MIA, inbox=INBOX))
    await mail.answered(await mail.asked())

    await mail.sender.step()

    assert mail.box.sent == []
    assert "our own address" in (await mail.outbox())[0][1]


async def test_without_a_server_each_answer_says_so(sending):
    mail = sending({})
    await mail.answered(await mail.asked())

    await mail.sender.step()

    assert await mail.outbox() == [("failed", "no server for our mail is set up: set SMTP_SERVER")]


async def test_the_log_holds_no_address_name_subject_or_text(sending):
    mail = sending()
    case_id = await mail.asked(text="a secret question")
    await mail.answered(case_id, "a secret answer")
    mail.box.smtp_faults.refused[MIA] = f"550 <{MIA}> is a secret"

    with structlog.testing.capture_logs() as lines:
        await mail.sender.step()
        mail.box.smtp_faults.clear()
        mail.later(hours=2)
        await mail.sender.step()

    assert [line["event"] for line in lines] == ["mail refused", "mail sent"]
    assert not any(word in str(lines) for word in ("secret", "mia@", "Invoice", "Anna"))


async def test_it_wakes_sends_and_stops_without_losing_what_it_has_in_hand(sending):
    mail = sending(send_within=30.0)
    await mail.answered(await mail.asked())
    mail.box.smtp_faults.hangs = True
    running = asyncio.create_task(mail.sender.run())
    await mail.box.until(lambda: mail.box.smtp_connections == 1)

    await mail.sender.stop(0.1)
    state = (await mail.outbox())[0][0]

    assert running.done()
    assert state == "pending"


@pytest.mark.parametrize(("permanent", "first", "longest"), [(False, 5, 900), (True, 3600, 86400)])
def test_refused_mails_wait_longer_and_longer_and_never_too_long(permanent, first, longest):
    waits = [retry_after(attempts, permanent=permanent).total_seconds() for attempts in (1, 2, 3, 50)]

    assert 0.8 * first <= waits[0] <= 1.2 * first
    assert waits == sorted(waits)
    assert waits[-1] <= 1.2 * longest
