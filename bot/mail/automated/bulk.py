"""Detect bulk mail: mailing lists by their headers, newsletters by several independent signs."""

import re

from bot.mail.mime.headers import Headers
from bot.mail.text.subjects import is_answer_subject

BULK = frozenset({"bulk", "junk"})
_CAMPAIGN_HEADER = re.compile(
    r"x-(?:campaign(?:-?id)?|mailin-campaign|mc-user|mailer-campaign|newsletter(?:-?id)?|job|mailing(?:-?id)?|ebs|ems|sfmc\S*|cm-campaign"
    r"|csa-complaints|report-abuse(?:-to)?|complaints-to|mj-mid|rpcampaign|kmail-\S+|broadcast-id|mail-?id)"
)
_UNSUBSCRIBE = re.compile(
    r"unsubscribe|opt[\s-]?out|view\s+(?:this\s+(?:e-?mail\s+)?)?in\s+(?:your\s+)?browser|newsletter\s+(?:abbestellen|abmelden)|abbestellen"
    r"|vom\s+newsletter\s+abmelden|se\s+désabonner|désinscri|darse\s+de\s+baja|cancelar\s+(?:la\s+)?suscripción|disiscriv|annulla\s+l'iscrizione"
    r"|cancelar\s+(?:a\s+)?inscrição|uitschrijven|afmelden|avprenumerera|avregistrera|meld\s+deg\s+av|afmeld|peruuta\s+tilaus"
    r"|wypisz|rezygnacj|odhlásit|leiratkoz|dezabon|отписаться|відписатися|abonelikten|配信停止|退订|取消订阅|退訂|수신\s*거부",
    re.IGNORECASE,
)
_VERP_PATH = re.compile(r"<?[^\s@<>]{0,40}(?:bounce|news|mailing|campaign|return|prvs=)[^\s@<>]{0,128}@", re.IGNORECASE)
_SEARCH_LIMIT = 20_000  # characters at each end of the text; the unsubscribe link is usually at the end
_SIGNS = 3


def list_reason(headers: Headers) -> str:
    """`mailing list` if the headers mark the mail as a list's, or an empty string."""
    listed = headers.has("list-id") or headers.has("list-unsubscribe")
    return "mailing list" if listed and headers.first("precedence").strip().lower() in {"list", *BULK} else ""


def is_newsletter(headers: Headers, sender: str, subject: str, text: str) -> bool:
    """Whether a mail that is no answer has several signs of bulk mail (RFC 2369, 8058, 2919).

    A person's mail may have some: List-Unsubscribe through a group, which also has List-Post, or Amazon's Feedback-ID.
    """
    answers = headers.has("in-reply-to") or headers.has("references") or is_answer_subject(subject)
    post = headers.first("list-post").strip().lower()
    if answers or (post and post != "no") or not headers.has("list-unsubscribe"):
        return False
    feedback = headers.first("feedback-id").lower()
    signs = (
        "one-click" in headers.first("list-unsubscribe-post").lower(),
        headers.has("list-id"),
        bool(feedback) and not feedback.rstrip().endswith("amazonses"),
        any(_CAMPAIGN_HEADER.fullmatch(name[:40]) for name, _ in headers.fields),
        _has_generated_return_path(headers, sender),
        _UNSUBSCRIBE.search(text[:_SEARCH_LIMIT]) is not None or _UNSUBSCRIBE.search(text[-_SEARCH_LIMIT:]) is not None,
    )
    return sum(signs) >= _SIGNS


def _has_generated_return_path(headers: Headers, sender: str) -> bool:
    """Whether bounces go to an address that was generated for this mail (VERP)."""
    path = headers.first("return-path").strip("<> ").lower()
    return bool(path) and path != sender and _VERP_PATH.match(path) is not None
