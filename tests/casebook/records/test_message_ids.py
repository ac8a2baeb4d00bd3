"""The conversation tag in Message-IDs: it names a case, and cannot be made without the key."""

import pytest

from casebook.records import message_ids

MIA, NOOR = "mia@customer.example.com", "noor@customer.example.com"
TAG = message_ids.message_id("CASE-0012", MIA, unique_key="letter", key="key", domain="casebook.example.org")


def test_a_tag_names_its_case_and_is_a_message_id():
    local, _, domain = TAG.partition("@")

    assert message_ids.case_named(TAG) == "CASE-0012"
    assert local.startswith("case-0012.")
    assert len(f"In-Reply-To: <{TAG}>") < 78, "some programs tear apart what is longer"
    assert domain == "casebook.example.org"


def test_a_tag_counts_for_the_case_and_the_customer_it_was_made_for():
    assert message_ids.is_signed(TAG, MIA, key="key")
    assert not message_ids.is_signed(TAG, NOOR, key="key")
    assert not message_ids.is_signed(TAG, MIA, key="another key")


def test_a_server_that_changes_the_letters_case_breaks_nothing():
    assert message_ids.is_signed(TAG.upper(), MIA, key="key")
    assert message_ids.case_named(TAG.upper()) == "CASE-0012"


@pytest.mark.parametrize(
    "forged",
    [
        TAG.replace("case-0012", "case-0013"),
        TAG.replace(TAG.split(".")[1], "aaaaaaaa"),
        TAG.replace(TAG.split(".")[2][:8], "aaaaaaaa"),
        TAG.split(".")[0] + "@casebook.example.org",
        "case-0012.aaaaaaaa.@casebook.example.org",
        f"x{TAG}",
        "case-0012",
        "",
    ],
)
def test_a_changed_or_forged_id_does_not_count(forged):
    assert not message_ids.is_signed(forged, MIA, key="key")


def test_another_domain_is_no_forgery_since_ours_may_change():
    assert message_ids.is_signed(TAG.replace("casebook.example.org", "elsewhere.example.org"), MIA, key="key")
