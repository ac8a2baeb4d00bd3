"""File names that are safe to show and to send, whatever the sender called the file; pure."""

import mimetypes
import re
import unicodedata

LONGEST = 120  # characters; this name is only shown and sent, since files are stored under their SHA-256
_SUFFIX = re.compile(r"\.[^.\s]{1,12}$")
# Names that Windows reserves for devices, with or without an extension.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB"))


def safe_name(given: str, content_type: str = "") -> str:
    """The name without folders, control characters, characters that change the text direction, and reserved names.

    It is never empty and never a path; a name with nothing left becomes `attachment` with the extension of its type.
    """
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    # Cc: control characters; Cf: invisible ones (bidi, zero width); Cs: lone surrogates; Zl, Zp: line separators.
    name = "".join(each for each in name if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    name = _FORBIDDEN.sub("_", " ".join(name.split())).strip(". ")
    if not name:
        name = "attachment" + (mimetypes.guess_extension(content_type.lower()) or "")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    """The name cut to LONGEST characters, keeping its extension, since programs rely on that."""
    if len(name) <= LONGEST:
        return name
    found = _SUFFIX.search(name)
    suffix = found[0] if found else ""
    return name[: LONGEST - len(suffix) - 1].rstrip(". ") + "…" + suffix


def readable_size(size: int) -> str:
    """A size in bytes for people: `120 kB`, `3 MB`, `3.5 MB`."""
    for unit, symbol in _UNITS:
        if size >= unit:
            number = f"{size / unit:.1f}" if size < 10 * unit else f"{size / unit:.0f}"
            return f"{number.removesuffix('.0')} {symbol}"
    return f"{size} bytes" if size != 1 else "1 byte"
