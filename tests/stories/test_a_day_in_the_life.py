"""One day: twelve customers in two shared channels and by mail, three admins, and the database in the evening."""

import re

from fixtures.cast import (
    ALERTS,
    ANNA,
    BEN,
    CARLA,
    DORA,
    EMIL,
    FAYE,
    GITA,
    INBOX,
    LOG,
    MAIL_CUSTOMERS,
    SECOND,
    SHARED,
    SUPPORT,
    Person,
)

IVAN = Person("U0IVAN001", "Ivan Instance", "ivan@beta.example.com", team="T0BETA001")
JANA = Person("U0JANA001", "Jana Jotted", "jana@beta.example.com", team="T0BETA001")
KOFI = Person("U0KOFI001", "Kofi Kindly", "kofi@beta.example.com", team="T0BETA001")
LENA = Person("U0LENA001", "Lena Likely", "lena@beta.example.com", team="T0BETA001")
MIA, NOOR, OTTO = MAIL_CUSTOMERS
PIA = "pia@customer.example.net"

ON_SLACK = (DORA, EMIL, FAYE, GITA, IVAN, JANA, KOFI, LENA)
NOTES = ("Their contract ends in May", "Noor rang twice, be kind", "Otto pays late")
TAKEN_BACK = "Have you tried to switch it off"
PATIENCE = 40  # seconds; the courier posts once a second in each channel


class Day:
    """The steps of the day in order; each ends when it is stored or visible."""

    def __init__(self, play):
        self.play = play
        self.slack = play.slack

    async def seen(self, condition, what):
        """Wait until something is visible on Slack."""
        return await self.play.until(condition, what, PATIENCE)

    async def taken_in(self):
        """Wait until the database holds everything that was written on Slack."""
        await self.seen(lambda: all(sent.acknowledged_at for sent in self.slack.envelopes), "the acknowledgements")

    def case_of(self, customer):
        """The name of a customer's latest case."""
        identifier = customer.user_id if isinstance(customer, Person) else customer
        rows = self.play.read(f"SELECT case_id FROM cases WHERE customer_identifier = '{identifier}' ORDER BY number")
        return rows[-1][0] if rows else None

    def post_about(self, channel, customer):
        """The card or alert of a customer's latest case; None while there is none."""
        case = self.case_of(customer)
        found = [post for post in self.slack.messages(channel) if case and case in self.slack.shows(post)]
        return found[0] if found else None

    async def card(self, customer):
        """The card of a customer's latest case."""
        return await self.seen(lambda: self.post_about(SUPPORT, customer), f"the card of {customer}")

    def under_card(self, customer):
        """The texts under the card."""
        card = self.post_about(SUPPORT, customer)
        return [] if card is None else [self.slack.shows(post) for post in self.slack.thread(SUPPORT, card.ts)]

    async def command(self, admin, text):
        """The response to `/case ...` of an admin."""
        return (await self.slack.command(admin, SUPPORT, "/case", text)).text

    async def two_early_birds_ask(self):
        self.dora_asked = await self.slack.write(DORA, SHARED, "The export stops at 50 %")
        self.ivan_asked = await self.slack.write(IVAN, SECOND, "May we have a second login?")
        await self.card(DORA)

    async def anna_takes_an_answer_back(self):
        card = await self.card(DORA)
        await self.slack.write(ANNA, SUPPORT, f"reply: {TAKEN_BACK}?", thread_ts=card.ts)
        waiting = await self.seen(
            lambda: [post for post in self.slack.thread(SUPPORT, card.ts) if "[Undo]" in self.slack.shows(post)],
            "the button Undo",
        )
        await self.slack.press(ANNA, waiting[0], "answer_undo")

    async def carla_notes_and_replies_under_a_card(self):
        card = await self.card(IVAN)
        await self.slack.write(CARLA, SUPPORT, NOTES[0], thread_ts=card.ts)
        await self.slack.write(CARLA, SUPPORT, "reply: It is on its way", thread_ts=card.ts)

    async def two_make_noise(self):
        for text in ("The dashboard is empty", "Anybody there?", "We show it at noon", "Hello?!"):
            await self.slack.write(EMIL, SHARED, text)
        await self.slack.write(FAYE, SHARED, "URGENT: <!channel> nobody can log in")

    async def the_rest_ask(self):
        await self.slack.write(GITA, SHARED, "Where is the manual?")
        self.jana_asked = await self.slack.write(JANA, SECOND, "The imprt is broken")
        self.jana_slipped = await self.slack.write(JANA, SECOND, "My password is swordfish")
        await self.slack.write(KOFI, SECOND, "The clock is an hour late")
        await self.slack.write(LENA, SECOND, "I cannot see my team")
        for sender, subject in ((MIA, "Invoice 42"), (NOOR, "Login"), (OTTO, "Contract"), (PIA, "A wish")):
            name = sender.partition("@")[0]
            await self.play.mail("Please help.", sender=sender, subject=subject, Message_ID=f"<{name}@example.com>")
        await self.taken_in()

    async def jana_edits_and_deletes(self):
        await self.slack.edit(SECOND, self.jana_asked, "The import is broken")
        await self.slack.delete(SECOND, self.jana_slipped)

    async def anna_answers_in_the_channel_and_closes_by_phrase(self):
        await self.slack.write(ANNA, SHARED, "We are looking into it", thread_ts=self.dora_asked)
        await self.slack.write(ANNA, SHARED, "Mended. I\u2019m closing this case.", thread_ts=self.dora_asked)
        await self.taken_in()

    async def dora_writes_in_the_thread_of_a_closed_case(self):
        await self.slack.write(DORA, SHARED, "And now it stops at 60 %", thread_ts=self.dora_asked)

    async def anna_is_asked_which_case_she_means(self):
        await self.slack.write(ANNA, SECOND, "You should see them again")
        (question,) = await self.seen(
            lambda: [post for post in self.slack.ephemerals(ANNA) if "Several cases fit" in self.slack.shows(post)],
            "the private question",
        )
        await self.slack.press(ANNA, question, f"place_message:{self.case_of(LENA)}")

    async def ben_closes_by_button_with_a_word_to_the_customer(self):
        home = await self.slack.open_home(BEN)
        pressed = await self.slack.press(BEN, home, "case_close", self.case_of(GITA))
        await self.slack.submit(BEN, pressed.view, {"reason": "it is in the mail", "word": "You have it in the mail."})

    async def carla_closes_by_command_and_ben_reopens(self):
        case = self.case_of(KOFI)
        # As Slack sends it: with should_escape, mentions and links come as markup.
        reason = f"the wrong zone, says <@{BEN.user_id}|ben> &amp; <https://time.example.org>"
        assert await self.command(CARLA, f"close {case} {reason}") == f"{case} is closed."
        assert await self.command(BEN, f"reopen {case}") == f"{case} is open again."

    async def ben_answers_the_impatient_one_by_form(self):
        alert = await self.seen(lambda: self.post_about(ALERTS, EMIL), "the alert for the fourth message")
        assert "fourth message since" in self.slack.shows(alert)
        pressed = await self.slack.press(BEN, alert, "case_reply")
        await self.slack.submit(BEN, pressed.view, {"text": "It will be back before noon"})

    async def carla_takes_and_calms_the_urgent_one(self):
        alert = await self.seen(lambda: self.post_about(ALERTS, FAYE), "the alert for the urgent word")
        assert 'says "urgent"' in self.slack.shows(alert)
        await self.slack.press(CARLA, alert, "case_take")
        await self.slack.press(CARLA, alert, "case_calm")

    async def the_mails_are_seen_to(self):
        for sender in (MIA, NOOR, OTTO, PIA):
            await self.card(sender)
        taken = await self.slack.press(BEN, await self.card(MIA), "case_take")
        noted = await self.slack.press(BEN, await self.card(NOOR), "case_note")
        await self.slack.submit(BEN, noted.view, {"text": NOTES[1]})
        answer = {"to": f"{NOOR}, {INBOX}", "In_Reply_To": "<noor@example.com>"}
        await self.play.mail("Try it now, please.", sender=BEN.email, subject="Re: Login", **answer)
        assert "is kept with" in await self.command(ANNA, f"note {self.case_of(OTTO)} {NOTES[2]}")
        assigned = await self.command(ANNA, f"assign {self.case_of(OTTO)} <@{CARLA.user_id}|carla>")
        assert assigned == f"Carla Muster has {self.case_of(OTTO)} now."
        await self.seen(lambda: taken.posts, "a private word to Ben")

    async def carla_nearly_closes_by_shortcut(self):
        card = await self.card(PIA)
        chosen = await self.slack.shortcut(CARLA, "close_this_case", SUPPORT, card.ts)
        form = self.slack.shows(chosen.view)
        assert "Reason, for the team" in form
        assert "A last word to the customer" in form, "it would reach her by mail"
        await self.slack.dismiss(CARLA, chosen.view)

    async def customers_look(self):
        home = await self.slack.open_home(JANA)
        assert self.case_of(JANA) in self.slack.shows(home)
        own = await self.slack.command(EMIL, SHARED, "/case", "status")
        assert f"Your case {self.case_of(EMIL)} is open" in own.text

    async def evening_comes(self):
        """Wait until all notices are sent."""
        await self.seen(lambda: "✓ Carla Muster answered" in "".join(self.under_card(IVAN)), "Carla's answer")
        await self.seen(lambda: "✓ Ben Beispiel answered" in "".join(self.under_card(EMIL)), "Ben's answer")
        await self.seen(lambda: "Try it now" in "".join(self.under_card(NOOR)), "Ben's mail under the card")
        waiting = "SELECT id FROM notices WHERE state NOT IN ('sent', 'dropped') AND claimed_until IS NULL"
        await self.seen(lambda: not self.play.read(waiting), "the outbox to be empty")

    def customers_saw(self):
        """All API calls that posted where customers read, and what is visible there."""
        rooms = {SHARED.channel_id, SECOND.channel_id, *(self.slack.direct_channel(person) for person in ON_SLACK)}
        people = {person.user_id for person in ON_SLACK}
        sent = [call.payload for call in self.slack.calls]
        told = [str(one) for one in sent if one.get("channel") in rooms or one.get("user_id") in people]
        shown = [self.slack.shows(post) for person in ON_SLACK for post in self.slack.ephemerals(person)]
        return "\n".join([*told, *shown, *self.play.shown(SHARED), *self.play.shown(SECOND)])

    def log_lines(self):
        """The lines of the log channel, with times replaced."""
        lines = "\n".join(post.text for post in self.slack.messages(LOG)).splitlines()
        return [re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", line) for line in lines]


async def test_a_day_in_the_life(play):
    for person in (IVAN, JANA, KOFI, LENA):
        play.slack.add_person(person, SECOND)
    day = Day(play)

    async with play.performed(read_mail=None, UNDO_SECONDS="8"):
        await day.two_early_birds_ask()
        await day.anna_takes_an_answer_back()
        await day.carla_notes_and_replies_under_a_card()
        await day.two_make_noise()
        await day.the_rest_ask()
        await day.jana_edits_and_deletes()
        await day.anna_answers_in_the_channel_and_closes_by_phrase()
        closed_of_dora = day.case_of(DORA)
        await day.dora_writes_in_the_thread_of_a_closed_case()
        await day.anna_is_asked_which_case_she_means()
        await day.ben_closes_by_button_with_a_word_to_the_customer()
        await day.carla_closes_by_command_and_ben_reopens()
        await day.ben_answers_the_impatient_one_by_form()
        await day.carla_takes_and_calms_the_urgent_one()
        await day.the_mails_are_seen_to()
        await day.carla_nearly_closes_by_shortcut()
        await day.customers_look()
        await day.evening_comes()

    the_cases_are_as_they_should_be(play, closed_of_dora)
    the_team_knows(day, closed_of_dora)
    the_customers_know_no_more_than_they_should(day)
    assert set(play.read("SELECT state FROM notices")) == {("sent",), ("dropped",)}


def the_cases_are_as_they_should_be(play, closed_of_dora):
    columns = "status, escalated, message_count, assigned_to, closed_by, waiting_since IS NOT NULL, follows"
    rows = play.read(f"SELECT customer_identifier, {columns} FROM cases ORDER BY number")
    anna, ben, carla = ANNA.user_id, BEN.user_id, CARLA.user_id

    assert sorted(rows, key=str) == sorted(
        [
            (DORA.user_id, "closed", 0, 3, None, anna, 0, None),
            (DORA.user_id, "open", 0, 1, None, None, 1, closed_of_dora),
            (EMIL.user_id, "open", 0, 5, None, None, 0, None),
            (FAYE.user_id, "open", 0, 1, carla, None, 1, None),
            (GITA.user_id, "closed", 0, 1, None, ben, 0, None),
            (IVAN.user_id, "open", 0, 2, None, None, 0, None),
            (JANA.user_id, "open", 0, 2, None, None, 1, None),
            (KOFI.user_id, "open", 0, 1, None, None, 1, None),
            (LENA.user_id, "open", 0, 2, None, None, 0, None),
            (MIA, "open", 0, 1, ben, None, 1, None),
            (NOOR, "open", 0, 2, None, None, 0, None),
            (OTTO, "open", 0, 1, carla, None, 1, None),
            (PIA, "open", 0, 1, None, None, 1, None),
        ],
        key=str,
    )
    assert play.read("SELECT ended_how, ended_by FROM episodes ORDER BY ended_how") == [
        ("answered", ben),
        ("calmed it", carla),
    ]
    assert play.read("SELECT detail FROM events WHERE kind = 'closed' ORDER BY id") == [
        ("",),
        ("it is in the mail",),
        ("the wrong zone, says @ben & https://time.example.org",),
    ]
    assert play.read("SELECT body FROM versions") == [("The imprt is broken",)]
    assert play.read("SELECT COUNT(*) FROM messages WHERE body LIKE '%swordfish%'") == [(0,)]


def the_team_knows(day, closed_of_dora):
    assert day.log_lines() == [
        f"Case #{closed_of_dora} closed at TIME by Anna Example",
        f"Case #{day.case_of(GITA)} closed at TIME by Ben Beispiel",
        f"Case #{day.case_of(KOFI)} closed at TIME by Carla Muster",
        f"Case #{day.case_of(KOFI)} reopened at TIME by Ben Beispiel",
    ]
    assert len(day.slack.messages(SUPPORT)) == 13
    assert [day.slack.shows(alert).count("no longer escalated") for alert in day.slack.messages(ALERTS)] == [1, 1]
    assert "swordfish" not in "".join(day.play.shown(SUPPORT))
    assert f"follows {closed_of_dora}" in day.slack.shows(day.post_about(SUPPORT, DORA))
    assert "Try it now" in "".join(day.under_card(NOOR))


def the_customers_know_no_more_than_they_should(day):
    saw = day.customers_saw()
    notes = [body for (body,) in day.play.read("SELECT body FROM messages WHERE kind = 'note' ORDER BY id")]

    assert sorted(notes) == sorted([*NOTES, f"{TAKEN_BACK}?"])
    assert [note for note in notes if note in saw] == []
    assert "You have it in the mail." in saw
    (answer,) = day.slack.thread(SECOND, day.ivan_asked)
    assert (answer.username, answer.text) == ("Carla Muster", "It is on its way")
    assert {person for person in ON_SLACK if day.slack.direct(person)} == set()
