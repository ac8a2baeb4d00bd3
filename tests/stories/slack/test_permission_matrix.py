"""Who may do what on Slack: every registered listener is tried by every kind of person (design 3.2).

Each test run ends with the measured matrix. A registered listener without a row here fails.
"""

import re
from collections import Counter
from functools import partial

import pytest

from bot.slack.actions import BUTTONS, PLACE
from bot.slack.app import build_app
from bot.slack.command_words import WORDS
from bot.slack.forms import FORMS
from bot.slack.screens import modals
from bot.slack.screens.cards import MESSAGE_WHOLE, TRY_AGAIN, UNDO
from bot.slack.screens.claims import CONFIRM, IGNORE
from bot.slack.screens.doubtful import MAKE_CASE, NO_CASE
from bot.slack.screens.forwards import LEAVE
from bot.slack.screens.forwards import TAKE as TAKE_FORWARD
from bot.slack.screens.home import FILTER, PAGE
from bot.slack.shortcuts import SHORTCUTS
from casebook import cases
from fixtures.cast import ANNA, BEN, CARLA, CASEBOOK, DORA, EMIL, GITA, GONE, HUGO, LOG, ROBOT, SHARED, SUPPORT
from fixtures.workspace import Post
from fixtures.workspace.methods import views

# yes: allowed; own: only for their own cases; no: refused, with a line in the log channel; nothing: no effect.
# Messages: answer, reply (an answer written under the card), note and remark are stored with the case; message: as a
# customer's; closes: the case is closed; help: answered with /case help; ignored: only in the ledger;
# waits: not acknowledged, so that Slack sends it again.
MATRIX = """
what                     ID       e-mail   group    member   colleague  guest    foreign  bot      left     unsure
/case status             yes      yes      yes      own      no         own      own      no       no       no
/case list               yes      yes      yes      no       no         no       no       no       no       no
/case show               yes      yes      yes      no       no         no       no       no       no       no
/case close              yes      yes      yes      no       no         no       no       no       no       no
/case reopen             yes      yes      yes      no       no         no       no       no       no       no
/case escalate           yes      yes      yes      no       no         no       no       no       no       no
/case take               yes      yes      yes      no       no         no       no       no       no       no
/case assign             yes      yes      yes      no       no         no       no       no       no       no
/case note               yes      yes      yes      no       no         no       no       no       no       no
/case reply              yes      yes      yes      no       no         no       no       no       no       no
/case calm               yes      yes      yes      no       no         no       no       no       no       no
/case why                yes      yes      yes      no       no         no       no       no       no       no
/case help               yes      yes      yes      no       no         no       no       no       no       no
/case                    yes      yes      yes      no       no         no       no       no       no       no
/case frobnicate         yes      yes      yes      no       no         no       no       no       no       no
button case_take         yes      yes      yes      no       no         no       no       no       no       no
button case_reply        yes      yes      yes      no       no         no       no       no       no       no
button case_note         yes      yes      yes      no       no         no       no       no       no       no
button case_escalate     yes      yes      yes      no       no         no       no       no       no       no
button case_calm         yes      yes      yes      no       no         no       no       no       no       no
button case_close        yes      yes      yes      no       no         no       no       no       no       no
button case_reopen       yes      yes      yes      no       no         no       no       no       no       no
button case_whole        yes      yes      yes      no       no         no       no       no       no       no
button message_whole     yes      yes      yes      no       no         no       no       no       no       no
button place_message     yes      yes      yes      no       no         no       no       no       no       no
button answer_undo       yes      yes      yes      no       no         no       no       no       no       no
button forward_take      yes      yes      yes      no       no         no       no       no       no       no
button forward_leave     yes      yes      yes      no       no         no       no       no       no       no
button doubtful_take     yes      yes      yes      no       no         no       no       no       no       no
button doubtful_leave    yes      yes      yes      no       no         no       no       no       no       no
button case_move         yes      yes      yes      no       no         no       no       no       no       no
button claim_confirm     yes      yes      yes      no       no         no       no       no       no       no
button claim_ignore      yes      yes      yes      no       no         no       no       no       no       no
button answer_again      yes      yes      yes      no       no         no       no       no       no       no
button frobnicate        nothing  nothing  nothing  nothing  nothing    nothing  nothing  nothing  nothing  nothing
form reply_form          yes      yes      yes      no       no         no       no       no       no       no
form note_form           yes      yes      yes      no       no         no       no       no       no       no
form close_form          yes      yes      yes      no       no         no       no       no       no       no
form add_form            yes      yes      yes      no       no         no       no       no       no       no
form frobnicate          nothing  nothing  nothing  nothing  nothing    nothing  nothing  nothing  nothing  nothing
shortcut open_case       yes      yes      yes      no       no         no       no       no       no       no
shortcut add_to_case     yes      yes      yes      no       no         no       no       no       no       no
shortcut close_this_case yes      yes      yes      no       no         no       no       no       no       no
shortcut frobnicate      nothing  nothing  nothing  nothing  nothing    nothing  nothing  nothing  nothing  nothing
Home                     yes      yes      yes      own      no         own      own      no       no       no
Home home_filter         yes      yes      yes      own      no         own      own      no       no       no
Home home_page           yes      yes      yes      own      no         own      own      no       no       no
an answer in a thread    answer   answer   answer   message  remark     message  message  ignored  message  waits
the closing phrase       closes   closes   closes   message  remark     message  message  ignored  message  waits
reply: under a card      reply    reply    reply    remark   remark     remark   remark   ignored  remark   waits
a note under a card      note     note     note     remark   remark     remark   remark   ignored  remark   waits
the phrase under a card  closes   closes   closes   remark   remark     remark   remark   ignored  remark   waits
a direct message         help     help     help     message  ignored    message  message  ignored  message  waits
"""

PEOPLE = {
    "ID": ANNA,  # admins, one by each of the three settings
    "e-mail": BEN,
    "group": CARLA,
    "member": HUGO,  # members of the home workspace who are no admins
    "guest": GITA,
    "foreign": DORA,  # of another organisation
    "bot": ROBOT,
    "left": GONE,  # deactivated
}
COLLEAGUE = {"colleague": HUGO}  # the same member with HOME_MEMBERS=ignore
UNSURE = {"unsure": ANNA}  # the same admin while Slack does not return users
POWERLESS = (HUGO, GITA, DORA, ROBOT, GONE)
LISTENERS = Counter(
    {
        "on_message": 1,
        "on_home_opened": 1,
        "on_member_joined": 1,  # no request: it only writes to the log channel
        "on_person_changed": 3,
        "on_id_changed": 1,  # an event of Slack, not of a person
        "on_case": 1,
        "on_form": len(FORMS),
        "on_shortcut": len(SHORTCUTS),
        "on_action": 1,
        "on_any_event": 1,
        "on_any_command": 1,
        "on_any_shortcut": 1,
        "on_any_view": 1,
    }
)
QUIET = {"UNDO_SECONDS": "600", "ESCALATION_FOLLOWUPS": "999"}  # no job runs meanwhile
UNKNOWN = "frobnicate"
BUTTON_NAMES = (*BUTTONS, UNKNOWN)
# All other buttons name the case.
NUMBERED = (UNDO, TRY_AGAIN, MESSAGE_WHOLE, CONFIRM, IGNORE, TAKE_FORWARD, LEAVE, MAKE_CASE, NO_CASE)
VALUES = {PLACE: "1:CASE-0001", **dict.fromkeys(NUMBERED, "1")}
HOME_VALUE = "all:1"
PHRASE = "I'm closing this case."
INPUTS = (modals.TEXT, modals.REASON, modals.WORD, modals.CASE)


class Trial:
    """A case of Emil, with all buttons, forms and menus in channels that everybody is in."""

    def __init__(self, play):
        self.play = play
        self.asked = ""
        self.card = None
        self.panel = None
        self.home = None

    async def prepare(self):
        """Let everybody join the channels, and post all screens there."""
        slack = self.play.slack
        for person in PEOPLE.values():
            for channel in (SHARED, SUPPORT):
                slack.add_person(person, channel)
        self.asked = await slack.write(EMIL, SHARED, "The export is broken")
        (self.card,) = await self.play.until(lambda: slack.messages(SUPPORT), "a card")
        rows = [actions({name: VALUES.get(name, "CASE-0001")}) for name in BUTTON_NAMES]
        panel = Post(channel=SHARED.channel_id, ts=slack.state.new_ts(), user=CASEBOOK.user_id, text="", blocks=rows)
        self.panel = slack.state.keep(panel)
        steps = actions({FILTER: HOME_VALUE, PAGE: HOME_VALUE})
        self.home = views.keep(slack.backend, {"type": "home", "blocks": [steps]})

    async def done(self):
        """Wait until the bot's work after its acknowledgement is done."""
        await self.play.bot.slack._context.background.finish(10)

    def verdict(self, answer):
        """Whether a response or an opened form says that somebody was allowed or refused."""
        if answer.view is not None:
            return "yes"
        return said_in(self.play.slack.shows(answer)) if answer.posts else "nothing"

    async def command(self, person, word):
        text = f"{word} 1 something" if word else ""
        return self.verdict(await self.play.slack.command(person, SHARED, "/case", text))

    async def button(self, person, name):
        answer = await self.play.slack.press(person, self.panel, name)
        await self.done()
        return self.verdict(answer)

    async def form(self, person, name):
        about = {"case": "CASE-0001", "ledger": 1, "origin": SHARED.channel_id}
        inputs = [modals._input(field, field, optional=True) for field in INPUTS]
        view = views.keep(self.play.slack.backend, modals._form(name, "A form", "Send", about, inputs))
        answer = await self.play.slack.submit(person, view, dict.fromkeys(INPUTS, "1"))
        await self.done()
        return self.verdict(answer)

    async def shortcut(self, person, callback_id):
        answer = await self.play.slack.shortcut(person, callback_id, SHARED, self.asked)
        await self.done()
        return self.verdict(answer)

    async def open_home(self, person):
        return said_in(self.play.slack.shows(await self.play.slack.open_home(person)))

    async def step(self, person, name):
        published = self.play.slack.state.home_published
        before = published.get(person.user_id, 0)
        await self.play.slack.press(person, self.home, name)
        await self.play.until(lambda: published.get(person.user_id, 0) > before, "the Home, shown anew")
        return said_in(self.play.slack.shows(self.play.slack.home(person)))

    async def message(self, person, text, *, where):
        """Let somebody write; returns what became of the message."""
        if self.play.read("SELECT status FROM cases WHERE case_id = 'CASE-0001'") == [("closed",)]:
            context = self.play.bot.slack._context
            await context.desk.do(cases.reopen_case, "CASE-0001", by=ANNA.user_id, now=context.clock.now())
        channel, thread = {
            "thread": (SHARED.channel_id, self.asked),
            "card": (SUPPORT.channel_id, self.card.ts),
            "direct": (self.play.slack.direct_channel(person), None),
        }[where]
        failures = self.failed_lookups()
        sent = len(self.play.slack.envelopes)
        ts = await self.play.slack.write(person, channel, text, thread_ts=thread)
        envelope = self.play.slack.envelopes[sent]
        await self.play.until(
            lambda: envelope.acknowledged_at is not None or self.failed_lookups() > failures, "the message was read"
        )
        if envelope.acknowledged_at is None:
            return "waits"
        return self.kept(f"T0HOME001:{channel}:{ts}")

    def failed_lookups(self):
        """How often Slack failed to return a user."""
        return sum(call.method == "users.info" and call.error is not None for call in self.play.slack.calls)

    def kept(self, external_id):
        """What became of a message."""
        (row,) = self.play.read(f"SELECT outcome, reason FROM ledger WHERE external_id = '{external_id}'")
        standing = self.play.read(f"SELECT standing FROM messages WHERE external_id = '{external_id}'")
        if not standing:
            return "help" if "/case help" in row[1] else row[0]
        if self.play.read("SELECT status FROM cases WHERE case_id = 'CASE-0001'") == [("closed",)]:
            return "closes"
        words = {"admin": "answer", "draft": "reply", "customer": "message"}
        return words.get(standing[0][0], standing[0][0])

    def acts(self):
        """All actions, by the name of their row."""
        return {
            **{f"/case {word}".strip(): partial(self.command, word=word) for word in (*WORDS, "", UNKNOWN)},
            **{f"button {name}": partial(self.button, name=name) for name in BUTTON_NAMES},
            **{f"form {name}": partial(self.form, name=name) for name in (*FORMS, UNKNOWN)},
            **{f"shortcut {name}": partial(self.shortcut, callback_id=name) for name in (*SHORTCUTS, UNKNOWN)},
            "Home": self.open_home,
            **{f"Home {name}": partial(self.step, name=name) for name in (FILTER, PAGE)},
            "an answer in a thread": partial(self.message, text="It is mended", where="thread"),
            "the closing phrase": partial(self.message, text=PHRASE, where="thread"),
            "reply: under a card": partial(self.message, text="reply: It is mended", where="card"),
            "a note under a card": partial(self.message, text="They pay in yen", where="card"),
            "the phrase under a card": partial(self.message, text=PHRASE, where="card"),
            "a direct message": partial(self.message, text="Hello", where="direct"),
        }

    async def measure(self, people, found):
        """Let each of these people try all actions."""
        for what, act in self.acts().items():
            for kind, person in people.items():
                found[what, kind] = await act(person)

    def logged(self):
        """The number of lines in the log channel about refusals of each person."""
        lines = self.play.read("SELECT payload FROM notices WHERE lane = 'log'")
        return Counter(found[1] for (line,) in lines if (found := re.search(r"Refused: .*?\b(U0\w+)", line)))


def actions(buttons):
    """A row of buttons with these values."""
    elements = [
        {"type": "button", "action_id": name, "value": value, "text": {"type": "plain_text", "text": name}}
        for name, value in buttons.items()
    ]
    return {"type": "actions", "block_id": next(iter(buttons)), "elements": elements}


def said_in(words):
    """Whether the text of a screen says that somebody was allowed or refused."""
    if "That is for the support team" in words or "I could not find out who you are" in words:
        return "no"
    return "own" if words.startswith(("Your case", "You have no open case")) else "yes"


def drawn(found):
    """The measured matrix, in the columns of the expected one."""
    heads = MATRIX.strip().splitlines()[0]
    columns = {head[0]: head.start() for head in re.finditer(r"\S+", heads)}
    lines = [heads]
    for what in dict.fromkeys(what for what, _ in found):
        line = what
        for kind in list(columns)[1:]:
            line = line.ljust(columns[kind]) + found[what, kind]
        lines.append(line)
    return "\n".join(lines)


def refusals(found, people):
    """How often each of these people was refused."""
    return {kind: sum(verdict == "no" for (_, one), verdict in found.items() if one == kind) for kind in people}


@pytest.fixture
def trial(slack_play):
    """Set up all screens where everybody can use them."""
    return Trial(slack_play)


async def test_every_registered_listener_allows_and_refuses_as_the_matrix_says(trial, record_property):
    found = {}
    play = trial.play
    async with play.performed(**QUIET):
        await trial.prepare()
        await trial.measure(PEOPLE, found)
        names = [PEOPLE[kind].name for kind, count in refusals(found, PEOPLE).items() if count]
        said = lambda: "\n".join(post.text for post in play.slack.messages(LOG))  # noqa: E731
        await play.until(lambda: all(f"Refused: {name}" in said() for name in names), "refusals in the log channel")
    async with play.performed(HOME_MEMBERS="ignore", **QUIET):
        await trial.measure(COLLEAGUE, found)
    happened = play.read("SELECT COUNT(*) FROM events")
    async with play.performed(**QUIET):
        play.slack.faults.fail("users.info", "internal_error")
        await trial.measure(UNSURE, found)
        play.slack.faults.clear()

    record_property("permissions", drawn(found))
    assert drawn(found) == MATRIX.strip()
    everybody = PEOPLE | COLLEAGUE | UNSURE
    refused = Counter()
    for kind, count in refusals(found, everybody).items():
        refused[everybody[kind].user_id] += count
    assert trial.logged() == +refused, "each refusal is a line for the log channel"
    assert play.read("SELECT COUNT(*) FROM events") == happened, "while Slack does not answer, nothing is done"


async def test_a_refused_person_changes_nothing_in_the_database(trial):
    async with trial.play.performed(**QUIET):
        await trial.prepare()
        await trial.measure({person.name: person for person in POWERLESS}, {})
        done = trial.play.read("SELECT actor, kind FROM events ORDER BY id")

    assert {kind for _, kind in done} == {"opened"}
    assert trial.play.read("SELECT COUNT(*) FROM messages WHERE is_admin") == [(0,)]
    assert trial.play.read("SELECT status, escalated, assigned_to FROM cases WHERE case_id = 'CASE-0001'") == [
        ("open", 0, None)
    ]


async def test_no_listener_is_registered_beside_those_that_the_matrix_tries(slack_play):
    async with slack_play.performed() as play:
        listeners = build_app(play.bot.slack._context)._async_listeners

    assert Counter(listener.ack_function.__name__ for listener in listeners) == LISTENERS
