"""Prefixes that programs put before a subject are recognised and removed."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

import pytest

from bot.mail.text.subjects import is_answer_subject, is_forward_subject, without_prefixes


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: Cable", "Cable"),
        ("RE: AW: Re[2]: Cable", "Cable"),
        ("Fwd : Re : Cable", "Cable"),
        ("[list] Re: Cable", "Cable"),
        ("FW: (fwd) Cable", "Cable"),
        ("Re: [Fwd: [Fwd: Cable]]", "Cable"),
        ("Cable (fwd)", "Cable"),
        ("TR : Câble", "Câble"),
        ("回复：线", "线"),
        ("Request: a cable", "Request: a cable"),
        ("Re: ", ""),
        ("[urgent]", "[urgent]"),
        ("[EXTERNAL] Re: Cable", "Cable"),
        ("EXTERNAL: Re: Cable", "Cable"),
        ("Re: [EXT] AW: Cable", "Cable"),
        ("[CAUTION: external] Cable", "Cable"),
    ],
)
def test_prefixes_are_removed_from_a_subject(subject, bare):
    assert without_prefixes(subject) == bare


@pytest.mark.parametrize(
    "subject", ["FW: x", "Fwd: x", "WG: x", "TR: x", "RV: x", "I: x", "İLT: x", "x (fwd)", "转发: x"]
)
def test_a_forwarded_subject_is_recognised(subject):
    assert is_forward_subject(subject)


def test_an_answer_is_no_forwarded_subject():
    assert is_answer_subject("Re: x")
    assert not is_forward_subject("Re: Fwd: x")
    assert not is_forward_subject("Forward thinking")


@pytest.mark.parametrize("tag", ["[EXTERNAL] ", "EXTERNAL: ", "[CAUTION: external mail] ", "[Extern] "])
def test_a_gateways_tag_does_not_hide_a_prefix(tag):
    assert is_answer_subject(f"{tag}Re: x")
    assert is_forward_subject(f"{tag}Fwd: x")
