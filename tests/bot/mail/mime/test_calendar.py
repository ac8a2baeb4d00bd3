"""An invitation is described in one line."""

import pytest

from bot.mail.mime.calendar import invitation


def event(*lines, method="REQUEST"):
    return "\r\n".join(("BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR"))


@pytest.mark.parametrize(
    ("start", "told"),
    [
        ("DTSTART:20260302T120000Z", "2026-03-02 12:00 UTC"),
        ("DTSTART;TZID=Europe/Berlin:20260302T130000", "2026-03-02 12:00 UTC"),
        ('DTSTART;TZID="Europe/Berlin":20260702T130000', "2026-07-02 11:00 UTC"),
        ("DTSTART;TZID=W. Europe Standard Time:20260302T130000", "2026-03-02 13:00 W. Europe Standard Time"),
        ("DTSTART:20260302T130000", "2026-03-02 13:00"),
        ("DTSTART;VALUE=DATE:20260302", "2026-03-02"),
    ],
)
def test_the_time_of_an_invitation_is_in_utc_if_its_zone_is_known(start, told):
    assert invitation(event("SUMMARY:Review", start)) == f"an invitation: Review, {told}"


def test_organiser_and_place_are_in_the_line_and_escapes_are_undone():
    told = invitation(
        event("SUMMARY:One\\, two\\nthree", "LOCATION:Room 4", 'ORGANIZER;CN="A: B":MAILTO:noor@example.org')
    )

    assert told == "an invitation: One, two three, Room 4, organiser noor@example.org"


@pytest.mark.parametrize(
    ("method", "kind"),
    [("CANCEL", "a cancelled invitation"), ("REPLY", "an answer to an invitation"), ("X", "an invitation")],
)
def test_the_kind_of_a_calendar_object_is_in_the_line(method, kind):
    assert invitation(event("SUMMARY:Review", method=method)) == f"{kind}: Review"


def test_an_answer_names_the_attendee_and_the_answer():
    told = invitation(event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:mia@example.org", method="REPLY"))

    assert told == "an answer to an invitation: mia@example.org accepted"


@pytest.mark.parametrize(
    "line",
    ["DTSTART;TZID=Europe:20260302T130000", "DTSTART;TZID=Europe/Nowhere:20260302T130000", "DTSTART:99999999T9999", ""],
)
def test_an_invalid_time_raises_nothing(line):
    assert invitation(event("SUMMARY:Review", line)).startswith("an invitation: Review")
