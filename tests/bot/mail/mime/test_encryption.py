"""Parts that cannot be read are described, so that no message is empty."""

import pytest

from bot.mail.mime.encryption import ENCRYPTED, SIGNED, TNEF, is_signature_or_key
from bot.mail.parse import read_mail


def read(content_type, body="x", text=""):
    return read_mail(
        f"From: mia@example.org\nContent-Type: multipart/mixed; boundary=cut\n\n"
        f"--cut\nContent-Type: text/plain\n\n{text}\n--cut\nContent-Type: {content_type}\n\n{body}\n--cut--\n".encode()
    )


@pytest.mark.parametrize(
    ("content_type", "said"),
    [
        ("application/pkcs7-mime; smime-type=enveloped-data", ENCRYPTED),
        ("application/x-pkcs7-mime; name=smime.p7m", ENCRYPTED),
        ("application/pgp-encrypted", ENCRYPTED),
        ("application/pkcs7-mime; smime-type=signed-data", SIGNED),
        ("application/ms-tnef", TNEF),
        ('application/octet-stream; name="WINMAIL.DAT"', TNEF),
        ("text/calendar", "(an invitation)"),
    ],
)
def test_parts_that_are_no_text_are_described(content_type, said):
    assert read(content_type).text == said


def test_the_text_beside_such_a_part_comes_first_and_is_new():
    mail = read("text/calendar", "BEGIN:VEVENT\nSUMMARY:Review\nEND:VEVENT", text="Please come.")

    assert mail.text == "Please come.\n\n(an invitation: Review)"
    assert mail.new_text == mail.text


def test_a_signature_beside_the_text_is_detected_and_the_text_is_unchanged():
    mail = read("application/pgp-signature", text="Hello")

    assert mail.is_signed
    assert not mail.is_encrypted
    assert mail.text == "Hello"


def test_encrypted_text_in_the_body_is_described():
    mail = read_mail(b"From: mia@example.org\n\n-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n")

    assert mail.is_encrypted
    assert ENCRYPTED in mail.text


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("application/pkcs7-signature", "smime.p7s"),
        ("application/x-pkcs7-signature", ""),
        ("application/octet-stream", "smime.p7s"),
        ("application/pkcs7-signature", "signature.p7s"),
        ("application/pgp-signature", "signature.asc"),
        ("application/pgp-signature", ""),
        ("application/octet-stream", "OpenPGP_signature.asc"),
        ("text/plain", "signature.asc"),
        ("application/pgp-keys", "publickey - mia@example.org - 0x12AB34CD.asc"),
        ("application/pgp-keys", "publickey.asc"),
        ("application/pgp-keys", "OpenPGP_0x12AB34CD.asc"),
    ],
)
def test_the_signature_of_a_mail_is_no_attachment(content_type, name):
    assert is_signature_or_key(content_type, name)


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("application/pkcs7-signature", "contract.pdf.p7s"),
        ("application/octet-stream", "contract.p7s"),
        ("application/pgp-keys", "example-ltd.asc"),
        ("application/pkcs7-mime", "smime.p7m"),
        ("application/pdf", "signature.pdf"),
    ],
)
def test_the_signature_of_a_file_is_an_attachment(content_type, name):
    assert not is_signature_or_key(content_type, name)
