"""Detect a reaction that was sent as a mail: of Gmail or Outlook, or a tapback of a phone."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

import json
import re

from bot.mail.mime.charset import decode
from bot.mail.mime.parts import Part, leaves

REACTION = "text/vnd.google.email-reaction+json"

_MAX_BYTES = 2_000
_EMOJI_CHARACTERS = 32  # one emoji may have many code points, such as a family with skin tones
_MAX_TEXT = 200  # characters that a mail program writes about a reaction, at most
_MAX_NAME = 100
_LINK = re.compile(r"<?\bhttps?://[^\s<>]{1,500}>?|\[[a-z]{1,8}:[^\[\]\s]{1,500}\]", re.IGNORECASE)
_EMOJI = re.compile("[\u2600-\u27bf\u2b50\u2b55\U0001f300-\U0001faff]")
_MODIFIERS = re.compile("[\ufe0f\u200d\U0001f3fb-\U0001f3ff]")
_REACTION_SUBJECT = re.compile(
    r"\s*(?:r[ée]action|reaktion|reacción|reazione|reação|reactie|reaksjon|reaktio|reakcja|reakce|reakcia|reakció|reacție|реакц\w+"
    r"|αντίδραση|tepki|リアクション|反应|反應|回应|回應|반응|תגובה|تفاعل)\s*[:：]",
    re.IGNORECASE,
)
_REACTED = re.compile(
    r"reacted\s+(?:\S{1,12}\s+)?to\s+your\s+(?:message|e-?mail)|liked\s+your\s+(?:message|e-?mail)|reacted\s+via\s+\w+"
    r"|hat\s+auf\s+(?:ihre|deine)\s+(?:nachricht|e-?mail)\s+reagiert|a\s+réagi\s+à\s+(?:votre|ton)\s+(?:message|e-?mail)"
    r"|(?:ha\s+reaccionado|reaccionó)\s+a\s+(?:su|tu)\s+(?:mensaje|correo)|ha\s+reagito\s+al\s+(?:tuo|suo)\s+messaggio"
    r"|reagiu\s+à\s+(?:sua|tua)\s+mensagem|heeft\s+gereageerd\s+op\s+(?:uw|je)\s+(?:bericht|e-?mail)",
    re.IGNORECASE,
)
_REACTION_WORD = re.compile(
    r"react|réagi|reag|reakt|reakc|reakció|reacți|reaccion|реагир|реагув|αντέδρασε|tepki|リアクション|反应|反應|回应|回應|반응|הגיב|تفاعل",
    re.IGNORECASE,
)
_TAPBACK = re.compile(
    r"(?:liked|loved|disliked|laughed\s+at|emphasi[sz]ed|questioned|reacted\s+\S{1,12}\s+to|removed\s+an?\s+[\w\s]{1,30}\s+from)\s+"
    r"(?:[“\"«„][^\n]{1,400}[”\"»“]|an?\s+(?:image|photo|attachment|video))\s*",
    re.IGNORECASE,
)


def read_reaction(root: Part, *, subject: str, name: str, address: str, new_text: str) -> str:
    """One line such as "👍 Eva Holm reacted via Gmail" if the mail is nothing but a reaction, or an empty string."""
    who = (name or address)[:_MAX_NAME]
    words = " ".join(_LINK.sub(" ", new_text[: 10 * _MAX_TEXT]).split())
    if len(words) > _MAX_TEXT or len(new_text) > 10 * _MAX_TEXT:
        return ""
    if (emoji := _gmail_emoji(root)) and _only_reports_reaction(words, who, emoji):
        return f"{emoji} {who} reacted via Gmail"
    if _is_outlook_reaction(subject, words, who):
        found = _EMOJI.search(words)
        return f"{found[0]} {who} reacted to a mail" if found else f"{who} reacted to a mail"
    return words if _TAPBACK.fullmatch(words) else ""


def _gmail_emoji(root: Part) -> str:
    """The emoji in Google's JSON part, which has the keys `emoji` and `version`, or an empty string."""
    for part in leaves(root):
        if part.content_type == REACTION and not part.is_attached:
            try:
                value = json.loads(decode(part.content()[:_MAX_BYTES], "utf-8"))
            except (ValueError, RecursionError):
                return ""
            emoji = value.get("emoji") if isinstance(value, dict) else None
            return emoji if isinstance(emoji, str) and 0 < len(emoji.strip()) <= _EMOJI_CHARACTERS else ""
    return ""


def _only_reports_reaction(words: str, who: str, emoji: str) -> bool:
    """Whether the text says only that somebody reacted."""
    left = _MODIFIERS.sub("", _EMOJI.sub("", words.replace(emoji, ""))).strip()
    by_name = bool(who) and who.lower() in left.lower() and _REACTION_WORD.search(left) is not None
    return not left or by_name or left.lower().rstrip(" .").endswith("via gmail")


def _is_outlook_reaction(subject: str, words: str, who: str) -> bool:
    """Whether the text above the quote says that the sender, by name, reacted."""
    if not who or who.lower() not in words.lower():
        return False
    if _REACTED.search(words):
        return True
    shown = _EMOJI.search(words) is not None or _REACTION_SUBJECT.match(subject) is not None
    return shown and words.rstrip().endswith((":", "：")) and _REACTION_WORD.search(words) is not None
