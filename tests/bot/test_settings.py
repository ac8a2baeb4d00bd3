import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from bot.settings import SECRETS, VARIABLES, Settings, SettingsError, SlackDoor, read_settings, read_settings_here
from bot.settings.kinds import HomeMembers, ImapMark, LogLevel, Secret, SmtpTls

SLACK = {
    "SLACK_BOT_TOKEN": "xoxb-hidden-bot",
    "SLACK_APP_TOKEN": "xapp-hidden-app",
    "SUPPORT_SLACK_CHANNEL": "#support",
    "ALERTING_SLACK_CHANNEL": "C0ALERTS1",
    "LOGGING_SLACK_CHANNEL": "#case-log",
    "ADMIN_EMAILS": "Anna@casebook.example.org",
}
MAIL = {
    "IMAP_SERVER": "imap.example.org",
    "IMAP_EMAIL": "support@casebook.example.org",
    "IMAP_PASSWORD": "hidden-inbox",
    "MAIL_AUTHSERV_ID": "mx.example.org",
}
SENDING = {"SMTP_SERVER": "smtp.example.org", "SMTP_FROM": "support@casebook.example.org"}


def problems(environ: dict[str, str], directory: Path) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        read_settings(environ, directory)
    return caught.value.problems


def test_a_slack_door_alone_is_enough_and_everything_else_has_its_default(tmp_path):
    settings = read_settings(SLACK, tmp_path)

    assert settings.slack_door is SlackDoor.SOCKET
    assert not settings.mail_door
    assert settings.database_url.reveal() == "sqlite:///casebook.db"
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.customer_slack_channels == ()
    assert settings.home_members is HomeMembers.CUSTOMERS
    assert settings.imap_port == 993
    assert settings.imap_mark is ImapMark.SEEN
    assert settings.escalation_hours == 48
    assert settings.escalation_keywords == ("urgent", "immediately", "emergency", "critical")
    assert settings.undo_seconds == 10
    assert (settings.host, settings.port, settings.debug) == ("127.0.0.1", 8000, False)
    assert settings.log_level is LogLevel.INFO


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ({}, Path("casebook-attachments")),
        ({"DATABASE_URL": "sqlite:////var/lib/casebook/book.db"}, Path("/var/lib/casebook/book-attachments")),
        ({"ATTACHMENTS": "kept"}, Path("kept")),
        ({"ATTACHMENTS": "None"}, None),
        ({"DATABASE_URL": "postgresql://u:p@h/n", "ATTACHMENTS": "/shared"}, Path("/shared")),
    ],
)
def test_attachments_are_kept_beside_the_sqlite_file_unless_another_folder_is_named(given, folder, tmp_path):
    assert read_settings(SLACK | given, tmp_path).attachments == folder


@pytest.mark.parametrize("url", ["postgresql://u:p@h/n", "postgres://u:p@h/n"])
def test_on_postgresql_the_folder_for_attachments_must_be_named(url, tmp_path):
    (problem,) = problems(SLACK | {"DATABASE_URL": url}, tmp_path)

    assert problem.startswith("ATTACHMENTS is missing, since the book is on PostgreSQL; it must be a folder that all")


def test_the_login_of_the_inbox_may_be_another_name_than_its_address(tmp_path):
    settings = read_settings(SLACK | MAIL | {"IMAP_LOGIN": "Reader"}, tmp_path)

    assert (settings.imap_email, settings.imap_login) == ("support@casebook.example.org", "Reader")
    assert read_settings(SLACK | MAIL, tmp_path).imap_login == ""


def test_a_mail_door_alone_is_enough(tmp_path):
    environ = {name: value for name, value in SLACK.items() if name != "SLACK_APP_TOKEN"} | MAIL

    settings = read_settings(environ, tmp_path)

    assert settings.mail_door
    assert settings.slack_door is SlackDoor.OFF
    assert settings.smtp_from == "support@casebook.example.org"
    assert any("Slack door stays shut" in remark for remark in settings.remarks)


def test_with_both_doors_open_there_is_nothing_to_remark(tmp_path):
    assert read_settings(SLACK | MAIL | SENDING, tmp_path).remarks == ()


def test_what_customers_cannot_be_told_without_a_server_for_our_mail_is_remarked(tmp_path):
    telling = {"TELL_CUSTOMER_ON_CLOSE": "true", "AUTO_ACKNOWLEDGE": "true"}

    sentences = read_settings(SLACK | MAIL | telling, tmp_path).remarks

    assert [sentence.split()[0] for sentence in sentences] == ["SMTP_SERVER", *telling]
    assert read_settings(SLACK | MAIL | SENDING | telling, tmp_path).remarks == ()


def test_every_problem_is_reported_at_once_each_naming_its_variable(tmp_path):
    environ = {"SLACK_BOT_TOKEN": "nonsense", "ESCALATION_HOURS": "soon", "PORT": "70000", "SMTP_USER": "u"}

    found = problems(environ, tmp_path)

    for name in (
        "SLACK_BOT_TOKEN",
        "SUPPORT_SLACK_CHANNEL",
        "ALERTING_SLACK_CHANNEL",
        "LOGGING_SLACK_CHANNEL",
        "ESCALATION_HOURS",
        "PORT",
        "SMTP_PASSWORD",
        "SMTP_SERVER",
        "No door is open",
    ):
        assert sum(problem.startswith(name) for problem in found) == 1, name
    assert len(found) == 9


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_no_rendering_of_a_problem_repeats_what_was_given(tmp_path, name):
    environ = SLACK | {name: "hidden ,,@: value", "LOG_LEVEL": "hidden"}

    with pytest.raises(SettingsError) as caught:
        read_settings(environ, tmp_path)

    assert "hidden" not in f"{caught.value} {caught.value!r} {caught.value.problems}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///file::memory:?cache=shared"),
        ("DATABASE_URL", "mysql://u:p@h/n"),
        ("DATABASE_URL", "postgresql://"),
        ("DATABASE_URL", "postgresql://[half/x"),
        ("SLACK_BOT_TOKEN", "xapp-wrong-way-round"),
        ("SLACK_APP_TOKEN", "xoxb-wrong-way-round"),
        ("SLACK_APP_TOKEN", "xapp-in two"),
        ("SLACK_API_URL", "slack.com/api"),
        ("SUPPORT_SLACK_CHANNEL", "support"),
        ("SUPPORT_SLACK_CHANNEL", "#Support"),
        ("CUSTOMER_SLACK_CHANNELS", "#one,two"),
        ("ADMIN_EMAILS", "anna@example.org;ben@example.org"),
        ("ADMIN_SLACK_IDS", "@anna"),
        ("ADMIN_SLACK_USERGROUP", "Support Team"),
        ("HOME_MEMBERS", "admins"),
        ("IMAP_SERVER", "imaps://imap.example.org"),
        ("IMAP_SERVER", "imap.example.org:993"),
        ("IMAP_PORT", "0"),
        ("IMAP_TLS", "perhaps"),
        ("IMAP_MARK", "deleted"),
        ("SMTP_TLS", "ssl"),
        ("ESCALATION_HOURS", "0"),
        ("ESCALATION_HOURS", "-1"),
        ("ESCALATION_HOURS", "nan"),
        ("ESCALATION_HOURS", "inf"),
        ("ESCALATION_HOURS", "1e300"),
        ("ESCALATION_FOLLOWUPS", "2.5"),
        ("ESCALATION_FOLLOWUPS", "0"),
        ("ESCALATION_FOLLOWUPS", "٣"),
        ("ESCALATION_CHECK_INTERVAL", "0"),
        ("UNDO_SECONDS", "-0.5"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_value_that_cannot_be_right_is_one_problem_that_names_it(tmp_path, name, text):
    found = problems(SLACK | MAIL | {name: text}, tmp_path)

    assert len(found) == 1
    assert found[0].startswith(f"{name} must be ")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("DATABASE_URL", "postgres://u:p@h/n", Secret("postgresql://u:p@h/n")),
        ("DATABASE_URL", "postgresql://u:@/n?host=/tmp/s", Secret("postgresql://u:@/n?host=/tmp/s")),
        ("DATABASE_URL", "sqlite:////var/lib/casebook.db", Secret("sqlite:////var/lib/casebook.db")),
        ("SLACK_API_URL", "http://127.0.0.1:9000/api", "http://127.0.0.1:9000/api/"),
        ("CUSTOMER_SLACK_CHANNELS", "#one, C0TWO ,#one,", ("#one", "C0TWO")),
        (
            "ADMIN_EMAILS",
            "Anna@Example.org, ben@example.org",
            frozenset({"anna@example.org", "ben@example.org"}),
        ),
        ("ADMIN_SLACK_IDS", "U0ANNA001,W0BEN", frozenset({"U0ANNA001", "W0BEN"})),
        ("ADMIN_SLACK_USERGROUP", "@support-team", "support-team"),
        ("HOME_MEMBERS", "Ignore", HomeMembers.IGNORE),
        ("IMAP_SERVER", "::1", "::1"),
        ("IMAP_TLS", "off", False),
        ("SMTP_TLS", "yes", SmtpTls.IMPLICIT),
        ("ESCALATION_HOURS", "0.001", 0.001),
        ("ESCALATION_FOLLOWUPS", "5", 5),
        ("ESCALATION_KEYWORDS", "asap, sofort dringend", ("asap", "sofort dringend")),
        ("IMAP_FOLDER", " Support ", " Support "),
        ("IMAP_FOLDER", "  ", "INBOX"),
        ("UNDO_SECONDS", "0", 0.0),
        ("ATTACHMENTS", "none", None),
        ("ATTACHMENTS", "kept/files", Path("kept/files")),
        ("PORT", "0", 0),
        ("LOG_LEVEL", "debug", LogLevel.DEBUG),
    ],
)
def test_a_right_value_is_taken(tmp_path, name, text, value):
    given = SLACK | MAIL | {"ATTACHMENTS": "none"} | {name: text}

    assert getattr(read_settings(given, tmp_path), name.lower()) == value


@pytest.mark.parametrize(("tls", "port"), [("starttls", 587), ("true", 465), ("false", 25)])
def test_the_smtp_port_follows_its_encryption_unless_it_is_set(tmp_path, tls, port):
    environ = SLACK | MAIL | {"SMTP_SERVER": "smtp.example.org", "SMTP_TLS": tls}

    assert read_settings(environ, tmp_path).smtp_port == port
    assert read_settings(environ | {"SMTP_PORT": "2525"}, tmp_path).smtp_port == 2525


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"IMAP_SERVER"}, {"IMAP_EMAIL", "IMAP_PASSWORD"}),
        ({"IMAP_EMAIL", "IMAP_PASSWORD"}, {"IMAP_SERVER"}),
        ({"IMAP_SERVER", "IMAP_EMAIL"}, {"IMAP_PASSWORD"}),
        ({"IMAP_PASSWORD"}, {"IMAP_SERVER", "IMAP_EMAIL"}),
    ],
)
def test_half_a_mail_door_names_the_other_half(tmp_path, given, named):
    found = problems(SLACK | {name: MAIL[name] for name in given}, tmp_path)

    assert {problem.split()[0] for problem in found} == named


@pytest.mark.parametrize(
    ("extra", "start"),
    [
        ({"IMAP_TOKEN_COMMAND": "print-token"}, "IMAP_PASSWORD and IMAP_TOKEN_COMMAND are both set"),
        ({"SMTP_SERVER": "smtp.example.org", "SMTP_USER": "u"}, "SMTP_PASSWORD is missing"),
        ({"SMTP_SERVER": "smtp.example.org", "SMTP_PASSWORD": "p"}, "SMTP_USER is missing"),
        ({"SMTP_USER": "u", "SMTP_PASSWORD": "p"}, "SMTP_SERVER is missing"),
        (
            {"CUSTOMER_SLACK_CHANNELS": "#one,#case-log"},
            "CUSTOMER_SLACK_CHANNELS must not hold LOGGING_SLACK",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_one_problem(tmp_path, extra, start):
    found = problems(SLACK | MAIL | extra, tmp_path)

    assert len(found) == 1
    assert found[0].startswith(start)


def test_smtp_without_any_address_to_send_from_is_a_problem(tmp_path):
    assert problems(SLACK | {"SMTP_SERVER": "smtp.example.org"}, tmp_path) == (
        "SMTP_FROM is missing, since SMTP_SERVER is set and there is no IMAP_EMAIL to send from.",
    )


def test_a_signing_secret_alone_opens_no_door_and_is_logged_at_start(tmp_path):
    environ = {name: value for name, value in SLACK.items() if name != "SLACK_APP_TOKEN"}
    environ["SLACK_SIGNING_SECRET"] = "hidden-signature"

    (problem,) = problems(environ, tmp_path)
    settings = read_settings(environ | MAIL, tmp_path)

    assert "SLACK_SIGNING_SECRET alone opens none yet" in problem
    assert settings.slack_door is SlackDoor.CONFIGURED
    assert any(remark.startswith("SLACK_SIGNING_SECRET") for remark in settings.remarks)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"MAIL_AUTHSERV_ID": ""}, "MAIL_AUTHSERV_ID is not set"),
        ({"ADMIN_EMAILS": ""}, "Nobody is an admin"),
        ({"IMAP_TLS": "false"}, "IMAP_TLS is false"),
        ({"SMTP_SERVER": ""}, "no mail is sent"),
        ({"SMTP_TLS": "false"}, "SMTP_TLS is false"),
        ({"SLACK_SIGNING_SECRET": "hidden"}, "events over HTTP are not taken yet"),
        ({"SLACK_BOT_TOKENS": "xoxb-more"}, "perhaps SLACK_BOT_TOKEN was meant"),
        ({"IMAP_SERVER": "", "IMAP_EMAIL": "", "IMAP_PASSWORD": ""}, "mail door stays shut"),
    ],
)
def test_what_may_surprise_is_remarked_and_starts_all_the_same(tmp_path, changed, words):
    (remark,) = read_settings(SLACK | MAIL | SENDING | changed, tmp_path).remarks

    assert words in remark


def test_the_environment_wins_over_the_file_even_when_it_is_empty(tmp_path):
    (tmp_path / ".env").write_text("PORT=1\nESCALATION_HOURS=1\nDEBUG='true'\n", encoding="utf-8")

    settings = read_settings(SLACK | {"PORT": "2", "ESCALATION_HOURS": ""}, tmp_path)

    assert (settings.port, settings.escalation_hours, settings.debug) == (2, 48, True)


def test_dollars_and_hashes_in_a_quoted_password_stay_as_they_are(tmp_path):
    (tmp_path / ".env").write_text("\ufeffIMAP_PASSWORD='a${HOME}#b'\n# a remark\n\n", encoding="utf-8")
    environ = SLACK | {name: value for name, value in MAIL.items() if name != "IMAP_PASSWORD"}

    assert read_settings(environ, tmp_path).imap_password == Secret("a${HOME}#b")


def test_a_line_of_the_file_that_cannot_be_read_is_named_by_its_number(tmp_path):
    (tmp_path / ".env").write_text("PORT=1\n'hidden = nonsense\n", encoding="utf-8")

    assert problems(SLACK, tmp_path) == ("Line 2 of .env must be NAME=value or a # comment.",)


@pytest.mark.parametrize("spoilt", [b"PORT=\xff\n", None])
def test_an_env_file_that_cannot_be_read_is_a_problem(tmp_path, spoilt):
    path = tmp_path / ".env"
    path.mkdir() if spoilt is None else path.write_bytes(spoilt)

    (problem,) = problems(SLACK, tmp_path)

    assert problem.startswith(".env cannot be read (")


@pytest.mark.parametrize("name", sorted(SECRETS - {"DATABASE_URL"}))
def test_every_secret_may_come_from_a_file(tmp_path, name):
    prefix = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-"}.get(name, "")
    (tmp_path / "kept").write_text(f"{prefix}from-a-file\n", encoding="utf-8")
    environ = SLACK | MAIL | {"SMTP_SERVER": "smtp.example.org", "SMTP_USER": "u", "SMTP_PASSWORD": "p"}
    environ.pop(name, None)

    settings = read_settings(environ | {f"{name}_FILE": "kept"}, tmp_path)

    assert getattr(settings, name.lower()).reveal() == f"{prefix}from-a-file"


@pytest.mark.parametrize("content", [None, "", b"\xff"])
def test_a_secret_file_that_cannot_be_used_is_one_problem_without_its_path(tmp_path, content):
    if content is not None:
        (tmp_path / "hidden").write_bytes(content or b"")
    environ = {name: value for name, value in SLACK.items() if name != "SLACK_BOT_TOKEN"}

    (problem,) = problems(environ | {"SLACK_BOT_TOKEN_FILE": "hidden"}, tmp_path)

    assert problem.startswith("SLACK_BOT_TOKEN_FILE must name a")
    assert "hidden" not in problem


def test_a_secret_given_twice_is_a_problem_but_the_environment_wins_over_the_file(tmp_path):
    (tmp_path / "kept").write_text("xoxb-from-a-file", encoding="utf-8")
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN_FILE=kept", encoding="utf-8")

    settings = read_settings(SLACK, tmp_path)
    found = problems(SLACK | {"SLACK_BOT_TOKEN_FILE": "kept"}, tmp_path)

    assert settings.slack_bot_token.reveal() == "xoxb-hidden-bot"
    assert found == ("SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE are both set; keep one of them.",)


def test_secrets_do_not_show_in_any_rendering_of_the_settings(tmp_path):
    on_a_server = {"DATABASE_URL": "postgres://u:hid%64en@h/n", "ATTACHMENTS": "none"}
    settings = read_settings(SLACK | MAIL | on_a_server, tmp_path)

    shown = f"{settings} {settings!r} {dataclasses.asdict(settings)} {settings.imap_password!s}"

    assert "hidden" not in shown
    assert "hid%64en" not in shown
    assert {"xoxb-hidden-bot", "xapp-hidden-app", "hidden-inbox", "hidden", "hid%64en"} <= set(settings.secrets)


def test_settings_never_change(tmp_path):
    settings = read_settings(SLACK, tmp_path)

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]


def test_the_limits_of_the_rules_come_from_the_settings(tmp_path):
    environ = {
        "ESCALATION_HOURS": "0.5",
        "ESCALATION_FOLLOWUPS": "2",
        "ESCALATION_KEYWORDS": "asap",
        "ESCALATE_QUIET": "no",
        "TELL_CUSTOMER_ON_CLOSE": "true",
    }

    limits = read_settings(SLACK | environ, tmp_path).limits

    assert limits.silence == timedelta(minutes=30)
    assert limits.follow_ups == 2
    assert limits.keywords == ("asap",)
    assert limits.quiet is False
    assert limits.tell_customer is True


def test_the_settings_of_this_process_come_from_its_environment_and_its_directory(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("ESCALATION_HOURS=7\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in SLACK.items():
        monkeypatch.setenv(name, value)

    settings = read_settings_here()

    assert settings.support_slack_channel == "#support"
    assert settings.escalation_hours == 7


def test_equal_settings_are_equal_and_may_be_kept_in_a_set(tmp_path):
    assert len({read_settings(SLACK, tmp_path), read_settings(SLACK, tmp_path)}) == 1


def test_every_field_is_a_variable():
    assert {name.lower() for name in VARIABLES} == {f.name for f in dataclasses.fields(Settings)} - {"remarks"}
