"""Every sample mail is parsed as the JSON file beside it says; a new pair of files is a new test."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.mail.incoming import MailRules, read_incoming
from bot.mail.parse import UnreadableMailError, read_mail
from fixtures.cast import ANNA, BEN, INBOX

MAILS = Path(__file__).parents[3] / "fixtures" / "mails"
RULES = MailRules(inbox_address=INBOX, admin_emails=frozenset({ANNA.email, BEN.email}))
RECEIVED = datetime(2026, 3, 3, 9, 15, tzinfo=UTC)
OF_INCOMING = {"standing", "conversation", "about", "cases_named", "body"}


def expectation(path: Path) -> dict[str, Any]:
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(MAILS.glob("*.eml")), ids=lambda path: path.stem)
def test_a_sample_mail_is_read_as_the_file_beside_it_says(path):
    raw, expected = path.read_bytes(), expectation(path)
    mail = read_mail(raw)
    found: dict[str, Any] = {}
    try:
        incoming = read_incoming(raw, received_at=RECEIVED, folder="INBOX", settings=RULES)
    except UnreadableMailError as error:
        found["error"] = str(error)
    else:
        found |= {name: getattr(incoming, name) for name in OF_INCOMING}
        found["external_id_prefix"] = incoming.external_id[: len(expected.get("external_id_prefix", ""))]
    found["text_contains"] = [part for part in expected.get("text_contains", ()) if part in mail.text]
    found["attachment_types"] = [attachment.content_type for attachment in mail.attachments]
    found["attachments"] = [
        {"filename": file.filename, "size": file.size, "content_type": file.content_type} for file in mail.attachments
    ]

    read = {name: found[name] if name in found else getattr(mail, name, None) for name in expected}

    assert json.loads(json.dumps(read, default=asdict)) == expected


def test_each_expectation_belongs_to_a_mail():
    mails = {path.stem for path in MAILS.glob("*.eml")}

    expectations = {path.stem for path in MAILS.glob("*.json")}

    assert mails == expectations
    assert len(mails) >= 18
