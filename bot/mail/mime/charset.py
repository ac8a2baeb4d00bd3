"""Decodes bytes: uses the declared charset only where the bytes fit it, and never raises."""

import codecs
import pkgutil
import re
from encodings import __path__ as _where_codecs_are
from encodings import aliases, normalize_encoding
from functools import lru_cache

import webencodings
from charset_normalizer import from_bytes

from bot.mail.mime.budget import budget

# Labels of mail that the WHATWG standard does not have, and codecs of Python that know more characters than its own.
_CODECS = {
    "ansi": "cp1252",
    "latin-1": "cp1252",
    "cp936": "gb18030",
    "gbk": "gb18030",
    "iso2022_jp": "iso2022_jp_2",
    "unicode-2-0-utf-7": "utf-7",
    "x-unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "csunicode11utf7": "utf-7",
}
# Labels that the standard refuses: mail in iso-2022-kr or hz-gb-2312 is as good as any other.
_NOT_FOR_MAIL = frozenset({"replacement", "x-user-defined"})
# Text codecs of Python that are no charsets of mail: they evaluate escapes, or fail for every input.
_REFUSED = frozenset({"unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "mbcs", "oem"})
# codecs.lookup() imports a module for each new name and caches it: only names of Python's own codecs reach it.
_KNOWN = frozenset(aliases.aliases) | {module.name for module in pkgutil.iter_modules(_where_codecs_are)}
_LONGEST_LABEL = 40
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DETECT_BYTES = 16_384  # enough to detect a language, and fast
_BROKEN_SHARE = 0.02  # a declared charset with fewer undecodable characters than this is used
_LATIN_SHARE = 0.7  # Western text is mostly ASCII letters

_HIGH = re.compile(rb"[\x80-\xff]")
_ASCII_LETTER = re.compile(rb"[A-Za-z]")
_SURROGATES = re.compile("[\ud800-\udfff]+")


def storable(text: str) -> str:
    """The text without NUL and lone surrogates, which the databases refuse."""
    return _SURROGATES.sub("", text.replace("\x00", ""))


def codec_of(label: str | None) -> str | None:
    """The Python codec that a charset label of a mail means, or None when there is no such text codec.

    Labels mean what browsers take them for: https://encoding.spec.whatwg.org/#names-and-labels
    """
    name = (label or "").strip(" \t\"'").lower()
    if len(name) > _LONGEST_LABEL or not name.isascii():
        return None
    encoding = webencodings.lookup(name)
    if encoding is not None and encoding.name not in _NOT_FOR_MAIL:
        name = encoding.codec_info.name
    return _codec(_CODECS.get(name, name))


@lru_cache(maxsize=500)
def _codec(name: str) -> str | None:
    if _KNOWN.isdisjoint({normal := normalize_encoding(name), normal.replace(".", "_")}):
        return None
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):  # ValueError: NUL in the name
        return None
    text_codec = getattr(codec, "_is_text_encoding", True)
    return codec.name if text_codec and codec.name.replace("_", "-") not in _REFUSED else None


def decode(data: bytes, label: str | None = None) -> str:
    """Text of `data`: by BOM, the declared charset, UTF-8, cp1252 for Western text, then detection."""
    if not label and data.isascii():
        return storable(data.decode("ascii"))
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return storable(data[len(bom) :].decode(codec, "replace"))
    codec_name = codec_of(label) if label else None
    if codec_name:
        text = _declared(data, codec_name)
        if text is not None:
            return storable(text)
    return storable(_undeclared(data))


def _declared(data: bytes, codec: str) -> str | None:
    if codec == "cp1252":
        # Mail programs label UTF-8 as Latin-1 far more often than Latin-1 happens to be valid UTF-8.
        if data.isascii():
            return data.decode("ascii")
        if (text := _strict(data, "utf-8")) is not None:
            return text
        return data.decode("cp1252", "replace") if _mostly_latin(data) or _strict(data, "cp1252") else None
    if (text := _strict(data, codec)) is not None:
        return text
    try:
        text = data.decode(codec, "replace")
    except (UnicodeError, LookupError):  # some multi-byte codecs raise in spite of "replace"
        return None
    return text if text.count("\ufffd") <= _BROKEN_SHARE * len(text) else None


def _undeclared(data: bytes) -> str:
    if (text := _strict(data, "utf-8")) is not None:
        return text
    if not _mostly_latin(data) and budget().take("detections"):
        best = from_bytes(data[:_DETECT_BYTES]).best()
        if best is not None:
            return data.decode(best.encoding, "replace")
    return data.decode("cp1252", "replace")


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _mostly_latin(data: bytes) -> bool:
    sample = data[:_DETECT_BYTES]
    high = len(_HIGH.findall(sample))
    return len(_ASCII_LETTER.findall(sample)) * (1 - _LATIN_SHARE) >= _LATIN_SHARE * high
