import io
import json
import logging
import threading
from contextlib import ExitStack, redirect_stderr

import pytest
import structlog

from bot.logs import TALKATIVE, Redaction, configure, held_back

TOKEN = "xoxb-hidden-token"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_before():
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in TALKATIVE}
    yield
    root.handlers, root.level = handlers, level
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def fail() -> None:
    raise RuntimeError(TOKEN)


def lines(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_its_level_time_and_logger():
    out = io.StringIO()
    configure("INFO", (), out)

    structlog.get_logger("bot.desk").info("stored", case_id="CASE-0001")

    (line,) = lines(out)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "stored", "case_id": "CASE-0001", "level": "info", "logger": "bot.desk"}


def test_the_loggers_of_our_libraries_go_the_same_way():
    out = io.StringIO()
    configure("INFO", (), out)

    logging.getLogger("slack_bolt.AsyncApp").warning("socket %s is gone", 7, extra={"attempt": 2})

    (line,) = lines(out)
    assert (line["event"], line["level"], line["attempt"]) == ("socket 7 is gone", "warning", 2)


def test_a_terminal_gets_a_line_for_people():
    out = Terminal()
    configure("INFO", (), out)

    structlog.get_logger("bot").info("stored", case_id="CASE-0001")

    assert "stored" in out.getvalue()
    assert "{" not in out.getvalue()


def test_what_is_below_the_level_is_not_written():
    out = io.StringIO()
    configure("WARNING", (), out)

    structlog.get_logger("bot").info("stored")
    logging.getLogger("anything").info("stored")

    assert out.getvalue() == ""


@pytest.mark.parametrize("name", ["aioimaplib.aioimaplib", "slack_sdk.socket_mode.aiohttp", "slack_bolt"])
def test_libraries_that_write_tokens_and_texts_at_debug_are_kept_at_info(name):
    out = io.StringIO()
    configure("DEBUG", (), out)

    logging.getLogger(name).debug("a whole message")
    logging.getLogger(name).info("connected")
    structlog.get_logger("bot").debug("ours")

    assert [line["event"] for line in lines(out)] == ["connected", "ours"]


def test_a_secret_is_removed_from_every_field():
    out = io.StringIO()
    configure("INFO", (TOKEN,), out)

    structlog.get_logger("bot").info(f"with {TOKEN}", deep={"a": [TOKEN, 1]}, thing=ValueError(TOKEN))
    logging.getLogger("lib").info("with %s", TOKEN)
    try:
        fail()
    except RuntimeError:
        structlog.get_logger("bot").exception("failed")
        logging.getLogger("lib").exception("failed")

    assert TOKEN not in out.getvalue()
    assert len(lines(out)) == 4
    assert all("RuntimeError: ***" in line["exception"] for line in lines(out)[2:])


def test_a_terminal_shows_no_secret_in_a_traceback_either():
    out = Terminal()
    configure("INFO", (TOKEN,), out)

    try:
        fail()
    except RuntimeError:
        structlog.get_logger("bot").exception("failed")

    assert "RuntimeError: ***" in out.getvalue()
    assert TOKEN not in out.getvalue()


def test_a_secret_within_another_leaves_nothing_of_the_longer_behind():
    event = Redaction(["abcd", "abcdefgh"])(None, "info", {"event": "abcdefgh and abcd"})

    assert event == {"event": "*** and ***"}


def test_a_secret_too_short_to_tell_from_words_is_left():
    assert Redaction(["a"])(None, "info", {"event": "a case"}) == {"event": "a case"}


def test_configuring_twice_still_writes_each_line_once():
    out = io.StringIO()
    configure("INFO", (), io.StringIO())
    configure("INFO", (), out)

    structlog.get_logger("bot").info("once")

    assert len(lines(out)) == 1


def test_lines_that_were_held_back_go_to_the_standard_error_of_afterwards():
    before, after = io.StringIO(), io.StringIO()
    writer = threading.Thread(target=lambda: structlog.get_logger("bot").info("stored"))

    with redirect_stderr(before), ExitStack() as new_place:
        configure("INFO", ())
        with held_back():
            writer.start()
            writer.join(0.05)
            new_place.enter_context(redirect_stderr(after))
        writer.join()

    assert before.getvalue() == ""
    assert [line["event"] for line in lines(after)] == ["stored"]
