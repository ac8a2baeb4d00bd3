"""An answer to an invitation is a click unless the person wrote a message."""

import pytest

from bot.mail.parse import read_mail

EVENT = (
    "UID:77\nDTSTART:20261201T100000Z\nSUMMARY:Review\nORGANIZER:mailto:support@example.com\n"
    "ATTENDEE;CN=Jana Abel;PARTSTAT=ACCEPTED{note}:mailto:j.abel@example.org\n"
)


def answer(text, *, method="REPLY", note="", comment="", subject="Accepted: Review", beside=""):
    event = EVENT.format(note=note) + comment
    return read_mail(
        f"From: Jana Abel <j.abel@example.org>\nSubject: {subject}\n"
        f'Content-Type: multipart/mixed; boundary="cut"\n\n--cut\nContent-Type: text/plain; charset=utf-8\n\n{text}\n'
        f"--cut\nContent-Type: text/calendar; method={method}; charset=utf-8\n\nBEGIN:VCALENDAR\nMETHOD:{method}\n"
        f"BEGIN:VEVENT\n{event}END:VEVENT\nEND:VCALENDAR\n{beside}--cut--\n".encode()
    )


GOOGLE = (
    "Jana Abel <j.abel@example.org> has accepted this invitation{end}\n\nReview\nTuesday Dec 1, 2026 11am to 12pm\n"
    "Central European Time - Berlin\n\nOrganizer\nSupport\nsupport@example.com\n\nInvitation from Google Calendar: "
    "https://calendar.google.com/calendar/\n\nYou are receiving this email because you are an attendee on the event."
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Jana Abel <j.abel@example.org> has accepted your invitation.",
        "Jana Abel has accepted your invitation to the event: Review, scheduled for 1 December 2026.",
        "Jana Abel hat diese Einladung vorläufig angenommen.",
        "Jana Abel a accepté votre invitation",
        "Accepted: Review\n\nWhen: Tuesday, 1 December 2026 11:00\nWhere: Room 4\n",
        "________________________________\nFrom: Support <support@example.com>\nSubject: Review\n\nAll of us.",
        GOOGLE.format(end="."),
    ],
)
def test_a_calendar_answer_without_a_message_is_a_click_with_a_description(text):
    mail = answer(text)

    assert mail.automatic == "calendar answer"
    assert mail.new_text.startswith(
        "an answer to an invitation: Review, 2026-12-01 10:00 UTC, j.abel@example.org accepted"
    )
    assert text.strip() in mail.text


def test_an_answer_to_somebody_elses_invitation_is_a_click_too():
    assert answer("", subject="Declined: Lunch").automatic == "calendar answer"


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("I accept, but the door is locked. Who has the key?", {}),
        ("Jana Abel has accepted your invitation.\n\nThe system is down, please call me.", {}),
        (GOOGLE.format(end=' with this note:\n\n"The system is down"'), {}),
        ("", {"comment": "COMMENT:The system is down\\n\n"}),
        ("", {"note": ';X-RESPONSE-COMMENT="The system is down"'}),
        ("", {"beside": "--cut\nContent-Type: application/pdf; name=plan.pdf\n\nabc\n"}),
        ("", {"method": "COUNTER"}),
        ("", {"method": "REQUEST"}),
    ],
)
def test_an_answer_with_a_comment_or_a_file_or_another_proposal_is_a_message(text, fields):
    assert answer(text, **fields).automatic == ""
