"""Whether a machine sent a mail, and why we think so: by headers first, then by the words of its subject."""
# ruff: noqa: RUF001 (subjects in other alphabets)

import re

from bot.mail.headers import Headers

_REPORTS = {
    "delivery-status": "bounce",
    "disposition-notification": "read receipt",
    "feedback-report": "feedback report",
}
_REPLY_HEADERS = (
    "x-autoreply",
    "x-auto-reply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply-from",
    "x-autoreply-from",
    "x-mail-autoreply",
    "x-facebook-notify",
)
_MAILER = re.compile(r"(?:mailer-?daemon|mail-?daemon|mdaemon|postmaster|mail\.?delivery|bounces?)(?:[+.-].*)?@")
_AWAY_SUBJECT = re.compile(
    r"\W*(?:auto(?:matic|mated)?[\s:-]*(?:reply|response|responder|answer)|out\s+of\s+(?:the\s+)?office|ooo:|"
    r"away\s+from\s+(?:the|my)\s+(?:office|mail|desk)|on\s+(?:holiday|vacation|annual\s+leave)\s*[:!]|"
    r"automatische\s+antwort|autom\.\s+antwort|abwesenheits?(?:notiz|nachricht|assistent|benachrichtigung)|"
    r"réponse\s+automatique|absence\s+du\s+bureau|message\s+d'absence|respuesta\s+automática|fuera\s+de\s+(?:la\s+)?oficina|"
    r"risposta\s+automatica|fuori\s+sede|resposta\s+automática|fora\s+do\s+escritório|automatisch\s+antwoord|"
    r"afwezigheids|autosvar|automatisk\s+svar|automaattinen\s+vastaus|odpowiedź\s+automatyczna|"
    r"automatická\s+odpověď|автоответ|автоматический\s+ответ|otomatik\s+yanıt|自動返信|自动回复|自動回覆)",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"\W*(?:undeliver|delivery\s+(?:status\s+notification|failure|has\s+failed|report)|mail\s+delivery\s+(?:failed|system)|"
    r"returned\s+mail|failure\s+notice|unzustellbar|mail\s+could\s+not\s+be\s+delivered|non\s+remis|no\s+se\s+puede\s+entregar|"
    r"message\s+not\s+delivered|warning:\s+(?:could\s+not\s+send|message))",
    re.IGNORECASE,
)
_BULK = frozenset({"bulk", "junk"})


def why_automatic(headers: Headers, content_type: str, sender: str, subject: str) -> str:
    """The reason a mail counts as automatic, in a few words, or an empty string.

    `Precedence: list` and `X-Auto-Response-Suppress` alone are no reason: people's mail carries them too.
    """
    return (
        _by_report(headers, content_type)
        or _by_headers(headers, sender)
        or _by_list(headers)
        or _by_words(sender, subject)
    )


def is_away(subject: str) -> bool:
    """Whether the subject is that of an answer which a program gives for somebody."""
    return _AWAY_SUBJECT.match(subject) is not None


def _by_report(headers: Headers, content_type: str) -> str:
    if content_type == "multipart/report":
        kind = str(headers.as_message().get_param("report-type", "") or "").lower()
        return _REPORTS.get(kind, "report")
    return "bounce" if content_type == "message/delivery-status" or headers.has("x-failed-recipients") else ""


def _by_headers(headers: Headers, sender: str) -> str:
    submitted = headers.first("auto-submitted").lower().split(";")[0].strip()
    null_path = headers.has("return-path") and headers.first("return-path").replace(" ", "") == "<>"
    if submitted and submitted != "no" and not (null_path and _MAILER.match(sender)):
        return "automatic reply" if submitted == "auto-replied" else "automatic mail"
    if null_path:
        return "bounce" if not sender or _MAILER.match(sender) else "automatic mail"
    replies = any(headers.first(name).lower() not in {"", "no", "false"} for name in _REPLY_HEADERS)
    if replies or headers.first("precedence").lower() in {"auto_reply", "auto-reply"}:
        return "automatic reply"
    return "mail in a loop" if headers.has("x-loop") else ""


def _by_list(headers: Headers) -> str:
    through_list = headers.has("list-id") or headers.has("list-unsubscribe")
    precedence = headers.first("precedence").strip().lower()
    if through_list and (precedence == "list" or precedence in _BULK):
        return "mailing list"
    return "bulk mail" if precedence in _BULK else ""


def _by_words(sender: str, subject: str) -> str:
    if sender.startswith(("mailer-daemon@", "mailerdaemon@")):
        return "bounce"
    if _BOUNCE_SUBJECT.match(subject) and (not sender or _MAILER.match(sender)):
        return "bounce"
    return "automatic reply" if _AWAY_SUBJECT.match(subject) else ""
