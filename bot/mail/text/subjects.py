"""Remove the prefixes that mail programs, mailing lists and gateways add to subjects."""

import re

from bot.mail.boilerplate.banners import without_external_tags

# "Re:" and "Fwd:" in many languages.
_ANSWER = (
    r"re|aw|antw|antwort|sv|vs|vl|vá|ynt|odp|ref|res|rif|r|ré|ri|απ|σχετ|отв|ответ|答复|回复|回覆|返信|회신|השב|رد"
)
_FORWARD = (
    r"fwd?|fw|wg|weitergeleitet|tr|transf?|rv|renv|enc|i|inoltra|doorst|fs|vb|vs|pd|podaj dalej|továbbítás|tov|fyi|ilt"
    r"|i̇lt|videresend|vidarebefordra|vl|edasi|πρθ|пд|пересл|转发|轉寄|轉發|転送|전달|הועבר|إعادة توجيه"
)
_COUNT = r"(?:\s?[\[(^*]?\d{1,3}[\])]?)?"  # Re[2]:, Re(3):, Re^2:
_COLON = r"\s*[:\uff1a]"
_PREFIX = re.compile(
    rf"\s*(?:(?:{_ANSWER}|{_FORWARD}){_COUNT}{_COLON}|[\[(]\s*fwd?\s*:?\s*[\])](?=.))\s*", re.IGNORECASE
)
_FORWARD_PREFIX = re.compile(rf"\s*(?:{_FORWARD}){_COUNT}{_COLON}", re.IGNORECASE)
_ANSWER_PREFIX = re.compile(rf"\s*(?:{_ANSWER}){_COUNT}{_COLON}", re.IGNORECASE)
_LIST_TAG = re.compile(r"\s*\[[^\[\]]{1,40}\](?=\s*\S)")
_FORWARD_SUFFIX = re.compile(r"\s*\((?:fwd|fw|forwarded)\)\s*$", re.IGNORECASE)
_WRAPPED_FORWARD = re.compile(r"\s*\[\s*fwd?\s*:\s*(.*)\]\s*$", re.IGNORECASE)
_MAX_PREFIXES = 20


def without_prefixes(subject: str) -> str:
    """The subject without prefixes such as `Re:`, `Fwd:` and `AW:`, and without tags of lists and gateways."""
    subject = without_external_tags(subject)
    for _ in range(_MAX_PREFIXES):
        tag = _LIST_TAG.match(subject)
        prefix = _PREFIX.match(subject, tag.end() if tag else 0)
        if not prefix:
            wrapped = _WRAPPED_FORWARD.match(subject)
            if not wrapped:
                break
            subject = wrapped[1]
        else:
            subject = subject[prefix.end() :]
    return _FORWARD_SUFFIX.sub("", subject).strip()


def is_forward_subject(subject: str) -> bool:
    """Whether the first prefix is that of a forwarded mail; `VS:` counts as both, as Finnish uses it for answers."""
    subject = without_external_tags(subject)
    return bool(_FORWARD_PREFIX.match(subject) or _FORWARD_SUFFIX.search(subject) or _WRAPPED_FORWARD.match(subject))


def is_answer_subject(subject: str) -> bool:
    """Whether the first prefix is that of an answer."""
    return _ANSWER_PREFIX.match(without_external_tags(subject)) is not None
