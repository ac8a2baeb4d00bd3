"""A parsed mail as one flat record with plain values, for `casebook read-mail`."""

from typing import Any, TypeAlias

from bot.mail.incoming import MailRules, is_from_own_list, resolve_writer
from bot.mail.parse import Mail
from bot.mail.text.subjects import without_prefixes

Answer: TypeAlias = dict[str, Any]  # as JSON has it

KEYS = {
    "file": "its name, as given",
    "error": "why it cannot be read; then nothing but `file` and `seconds` stands beside it",
    "seconds": "how long the reading took",
    "message_id": "without angle brackets, as are the next two",
    "in_reply_to": "the mail that it answers",
    "references": "the conversation, oldest first",
    "from_addr": "who wrote it, in lower case; null where no address stands in From, Sender or Reply-To",
    "from_name": "the name beside it",
    "sender_addr": "the address in From, where a form or a group wrote for somebody else",
    "reply_to": "where answers are wanted, in lower case",
    "to": "addresses in lower case",
    "cc": "the same",
    "subject": "decoded",
    "subject_stripped": "without Re:, Fwd:, AW: and the like",
    "visible_text": "what was newly written: without quotes, forwarded mail and signature",
    "full_text": "the whole text",
    "attachments": "objects with filename, content_type, size in bytes, and sha256",
    "is_auto": "whether a program sent it",
    "automatic": "why it counts as automatic",
    "is_doubtful": "whether a mark says that a program sent it, and nothing else does",
    "doubtful": "which mark",
    "is_bounce": "whether it says that a mail did not arrive, or not yet",
    "is_dsn": "whether it says so with a status code",
    "bounced_addrs": "who did not get that mail",
    "bounce_status": "such as 5.1.1 (RFC 3463)",
    "bounce_permanent": "false while the server goes on trying",
    "bounce_reason": "the server's words, in one line",
    "bounced_message_id": "of the mail that did not arrive",
    "is_feedback_report": "whether it says that somebody called our mail spam",
    "is_forward": "whether another mail is forwarded in it",
    "forward_from_addr": "who wrote that mail; null where it does not say, or says several",
    "forward_from_name": "the name beside it",
    "forward_subject": "its subject",
    "forward_body": "its text",
    "forward_before": "what was written above it",
    "forward_certain": "whether there is exactly one such mail, with exactly one address",
    "is_encrypted": "whether it can only be read with a key",
    "is_signed": "whether it carries a signature; it is not checked",
    "list_id": "the mailing list it came through",
    "cut": "whether a limit was exceeded, so that something is missing",
}


def read_as_answer(mail: Mail, rules: MailRules | None = None) -> Answer:
    """The mail under the names of KEYS, without `file` and `seconds`; `rules` holds the addresses of the inbox.

    Where it holds none, an address that writes to itself counts as one, as with web forms and groups.
    """
    if rules is None or not rules.our_addresses:
        itself = {mail.from_addr} if mail.from_addr and mail.from_addr in (*mail.to, *mail.cc) else set()
        rules = MailRules(inbox_address="", further_addresses=frozenset(itself))
    writer = resolve_writer(mail, rules)
    automatic = "" if is_from_own_list(mail, rules) else mail.automatic
    return {
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to,
        "references": list(mail.references),
        "from_addr": writer.address or None,
        "from_name": writer.name,
        "sender_addr": None if writer.is_sender else mail.from_addr,
        "reply_to": [box.address for box in mail.reply_to],
        "to": list(mail.to),
        "cc": list(mail.cc),
        "subject": mail.subject,
        "subject_stripped": without_prefixes(mail.subject),
        "visible_text": mail.new_text,
        "full_text": mail.text,
        "attachments": [
            {"filename": file.filename, "content_type": file.content_type, "size": file.size, "sha256": file.sha256}
            for file in mail.attachments
        ],
        "is_auto": bool(automatic),
        "automatic": automatic,
        "is_doubtful": bool(mail.doubtful),
        "doubtful": mail.doubtful,
        "is_feedback_report": mail.automatic == "feedback report",
        "is_encrypted": mail.is_encrypted,
        "is_signed": mail.is_signed,
        "list_id": mail.list_id,
        "cut": mail.cut,
        **_bounce(mail),
        **_forward(mail),
    }


def _bounce(mail: Mail) -> Answer:
    bounce = mail.bounce
    if bounce is None:
        return {"is_bounce": mail.automatic == "bounce", "bounced_addrs": []}
    return {
        "is_bounce": True,
        "is_dsn": bool(bounce.status),
        "bounced_addrs": list(bounce.recipients),
        "bounce_status": bounce.status,
        "bounce_permanent": bounce.permanent,
        "bounce_reason": bounce.reason,
        "bounced_message_id": bounce.message_id,
    }


def _forward(mail: Mail) -> Answer:
    forwarded = mail.forwarded
    if forwarded is None:
        return {"is_forward": False}
    return {
        "is_forward": True,
        "forward_from_addr": forwarded.sender_addr,
        "forward_from_name": forwarded.sender_name,
        "forward_subject": forwarded.subject,
        "forward_body": forwarded.text,
        "forward_before": forwarded.before,
        "forward_certain": forwarded.certain,
    }
