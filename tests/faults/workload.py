"""A random workload of customers and a support team; the same seed gives the same workload."""

from collections.abc import Callable
from email.message import EmailMessage
from random import Random

from fixtures.cast import HOME_TEAM, INBOX, SUPPORT, Person
from fixtures.stage import Stage
from fixtures.workspace import writing
from fixtures.workspace.state import Post
from tests.faults.inputs import TOKEN, Input, Kind, Written
from tests.faults.people import ADMINS, Crowd

WORDS = ("the", "export", "is", "broken", "since", "Monday", "and", "nobody", "here", "knows", "why", "it", "stops")
MOST_REMEMBERED = 400  # messages that may still be edited, deleted or answered
CLOSING = "I'm closing this case."


class Workload:
    """Does one random action at a time; `written` records them all."""

    def __init__(self, stage: Stage, crowd: Crowd, random: Random) -> None:
        self.written = Written()
        self.stage = stage
        self._slack = stage.workspace
        self._crowd = crowd
        self._random = random
        self._lately: list[Input] = []  # on Slack, and not deleted
        self._mailed: dict[str, str] = {}  # last Message-ID by address
        self._cards: list[Post] = []
        self._cards_seen = 0
        self._deeds: dict[Callable[[], bool], float] = {
            self.ask: 50,
            self.ask_in_thread: 12,
            self.ask_directly: 8,
            self.edit: 6,
            self.delete: 2,
            self.answer: 5,
            self.reply: 5,
            self.note: 3,
            self.close: 2,
        }
        self._mails = 12.0 if stage.mailbox is not None and crowd.writers else 0.0

    def rarely_in_threads(self) -> None:
        """From now on only one action of about twenty is in a thread."""
        for deed in (self.ask_in_thread, self.answer, self.reply, self.note, self.close):
            self._deeds[deed] /= 5

    async def step(self) -> None:
        """Do one random action; one that is not possible now is replaced by a question."""
        total = sum(self._deeds.values()) + self._mails
        if self._random.uniform(0, total) < self._mails:
            await self.mail()
            return
        deeds = list(self._deeds)
        deed = self._random.choices(deeds, [self._deeds[each] for each in deeds])[0]
        if not deed():
            self.ask()

    def _text(self, token: str, *, urgent: bool = False) -> str:
        words = [self._random.choice(WORDS) for _ in range(self._random.randint(3, 12))]
        return " ".join([token, *words, *(["urgent"] if urgent else [])])

    def _say(
        self, person: Person, channel: str, kind: Kind, *, thread: str = "", before: str = "", after: str = ""
    ) -> bool:
        token = self.written.new_token()
        urgent = kind is Kind.QUESTION and self._random.random() < 0.05
        text = f"{before}{self._text(token, urgent=urgent)}{after}"
        ts = writing.write(self._slack.backend, person, channel, text, thread_ts=thread or None).ts
        given = self.written.add(
            Input(
                token=token,
                kind=kind,
                writer=person.user_id,
                source="slack",
                external_id=f"{HOME_TEAM}:{channel}:{ts}",
                channel=channel,
                ts=ts,
                thread=thread,
                text=text,
                urgent=urgent,
            )
        )
        if kind is Kind.QUESTION:
            self._lately.append(given)
            del self._lately[:-MOST_REMEMBERED]
        return True

    def ask(self) -> bool:
        """A customer writes in their channel."""
        person = self._random.choice(self._crowd.customers)
        return self._say(person, self._crowd.homes[person.user_id].channel_id, Kind.QUESTION)

    def ask_directly(self) -> bool:
        """A customer writes a direct message to the bot."""
        person = self._random.choice(self._crowd.customers)
        return self._say(person, self._slack.direct_channel(person), Kind.QUESTION)

    def ask_in_thread(self) -> bool:
        """A customer writes in the thread of an earlier message of theirs."""
        given = self._one(lambda each: not each.thread)
        if given is None:
            return False
        given.replied = True
        return self._say(self._slack.state.people[given.writer], given.channel, Kind.QUESTION, thread=given.ts)

    def _one(self, fits: Callable[[Input], bool]) -> Input | None:
        found = [each for each in self._lately if not each.deleted and fits(each)]
        return self._random.choice(found) if found else None

    def edit(self) -> bool:
        """A customer edits a message."""
        given = self._one(lambda _: True)
        if given is None:
            return False
        given.edits += 1
        given.text = f"{self._text(given.token)} edit {given.edits}"
        writing.edit(self._slack.backend, given.channel, given.ts, given.text)
        return True

    def delete(self) -> bool:
        """A customer deletes a message."""
        given = self._one(lambda each: not each.replied)
        if given is None:
            return False
        given.deleted = True
        writing.delete(self._slack.backend, given.channel, given.ts)
        return True

    def answer(self) -> bool:
        """An admin answers in a customer's thread."""
        given = self._one(lambda each: not each.thread and each.channel[0] == "C" and self._may_answer(each))
        if given is None:
            return False
        given.replied = True
        return self._say(self._random.choice(ADMINS), given.channel, Kind.ANSWER, thread=given.ts)

    def _may_answer(self, given: Input) -> bool:
        return given.writer not in self._crowd.alone

    def reply(self) -> bool:
        """An admin writes an answer under a card."""
        return self._under_a_card(Kind.REPLY, before="reply: ")

    def note(self) -> bool:
        """An admin writes a note under a card."""
        return self._under_a_card(Kind.NOTE)

    def close(self) -> bool:
        """An admin closes by the phrase, under a card."""
        return self._under_a_card(Kind.CLOSING, after=f" {CLOSING}")

    def _under_a_card(self, kind: Kind, *, before: str = "", after: str = "") -> bool:
        card = self._card()
        if card is None:
            return False
        admin = self._random.choice(ADMINS)
        return self._say(admin, SUPPORT.channel_id, kind, thread=card.ts, before=before, after=after)

    def _card(self) -> Post | None:
        """A card of a customer who may be answered; cards are found by the token of the first message."""
        posts = list(self._slack.state.posts[SUPPORT.channel_id].values())
        for post in posts[self._cards_seen :]:
            found = TOKEN.search(self._slack.shows(post)) if post.metadata and not post.is_reply else None
            asked = self.written.by_token.get(found[0]) if found else None
            if asked is not None and self._may_answer(asked):
                self._cards.append(post)
        self._cards_seen = len(posts)
        return self._random.choice(self._cards[-60:]) if self._cards else None

    async def mail(self) -> None:
        """A customer writes a mail, often as a reply to their last one."""
        if self.stage.mailbox is None:
            raise RuntimeError("there is no mailbox on this stage")
        address, token = self._random.choice(self._crowd.writers), self.written.new_token()
        urgent = self._random.random() < 0.05
        message_id, text = f"{token}@customer.example.com", self._text(token, urgent=urgent)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = address, INBOX, "A question"
        mail["Message-ID"] = f"<{message_id}>"
        if address in self._mailed and self._random.random() < 0.5:
            mail["In-Reply-To"] = f"<{self._mailed[address]}>"
        mail.set_content(text)
        self._mailed[address] = message_id
        uid = await self.stage.mailbox.deliver(mail.as_bytes())
        given = Input(token=token, kind=Kind.MAIL, writer=address, source="email", external_id=message_id, text=text)
        given.uid, given.urgent = uid, urgent
        self.written.add(given)
