"""Whether a machine sent a mail, and why we think so: by headers first, then by the words of its subject."""
# ruff: noqa: RUF001 (subjects in other alphabets)

import re

from bot.mail.headers import Headers

_REPORTS = {
    "delivery-status": "delivery report",
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
    r"\W*(?:auto(?:matic(?:al)?|mated)?[\s:_-]*(?:reply|response|responder|respond|answer|notification|acknowledge?ment)"
    r"|(?-i:AUTO:\s)|out\s+of\s+(?:the\s+)?office|ooo\s?:|vacation\s+(?:reply|response|message|notice)|"
    r"away\s+from\s+(?:the|my)\s+(?:office|mail|e-?mail|desk)|on\s+(?:holiday|vacation|annual\s+leave)\s*[:!]|"
    r"automatische\s+(?:antwort|rückantwort|e-?mail)|autom\.\s+antwort|autoantwort|"
    r"abwesenheits?(?:notiz|nachricht|assistent|benachrichtigung|meldung|info)?\b|out\s+of\s+office|nicht\s+im\s+(?:büro|haus)\s*:|"
    r"réponse\s+automatique|absen(?:ce|t)\s+du\s+bureau|message\s+d'absence|notification\s+d'absence|"
    r"respuesta\s+autom[áa]tica|fuera\s+de\s+(?:la\s+)?oficina|contestación\s+automática|"
    r"risposta\s+automatica|fuori\s+(?:sede|ufficio)|assente\s+dall'ufficio|"
    r"resposta\s+autom[áa]tica|fora\s+d[oe]\s+escritório|ausência\s+(?:temporária|do\s+escritório)|"
    r"automatisch\s+antwoord|automatische\s+reactie|afwezigheids|afwezig\s*:|niet\s+aanwezig\s*:|"
    r"autosvar|automatisk[t]?\s+svar|frånvaro(?:meddelande)?\s*:|fraværs|ikke\s+på\s+kontor(?:et)?|"
    r"automaattinen\s+vastaus|poissa(?:olo)?(?:viesti|ilmoitus)|poissa\s+toimistosta|"
    r"(?:odpowiedź\s+automatyczna|automatyczna\s+odpowiedź)|poza\s+biurem|autoodpowiedź|"
    r"automatická\s+odpov[ěe][ďd]|mimo\s+kancelář|automatikus\s+válasz|házon\s+kívül|răspuns\s+automat|automatski\s+odgovor|"
    r"samodejni\s+odgovor|αυτόματη\s+απάντηση|εκτός\s+γραφείου|автоматичен\s+отговор|"
    r"автоответ|автоматический\s+ответ|автоматична\s+відповідь|нет\s+на\s+месте|вне\s+офиса|"
    r"otomatik\s+(?:yanıt|cevap)|ofis\s+dışında|trả\s+lời\s+tự\s+động|balasan\s+otomatis|"
    r"自動返信|自動応答|自動回答|不在(?:通知|です)|自动(?:回复|答复)|自動(?:回覆|回复|答覆)|不在办公室|자동\s*(?:응답|회신)|부재중|תשובה\s+אוטומטית|رد\s+تلقائي|ตอบกลับอัตโนมัติ)",
    re.IGNORECASE,
)
# So sure that it counts below "Re:" and a list's tag too; "Re: Automatic reply" may be a person's answer to ours.
_AWAY_ANYWHERE = re.compile(r"out of (?:the )?office auto-?\s?(?:reply|response)", re.IGNORECASE)
_CHALLENGE_SUBJECT = re.compile(
    r"\W*(?:please\s+confirm\s+your\s+message|\[boxbe\]|sender\s+(?:address\s+)?verification"
    r"|your\s+(?:message|e-?mail)\s+(?:to\s+\S+\s+)?(?:is\s+)?await(?:s|ing)\s+(?:confirmation|verification|moderator))",
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
    return _AWAY_SUBJECT.match(subject) is not None or _AWAY_ANYWHERE.search(subject) is not None


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
    if _CHALLENGE_SUBJECT.match(subject):
        return "challenge"
    return "automatic reply" if is_away(subject) else ""
