"""A file's name as it can be shown and sent on, whatever its sender called it; pure."""

import mimetypes
import re
import unicodedata

LONGEST = 120  # characters; with the longest letters of UTF-8 they are still fewer bytes than any file system takes
_SUFFIX = re.compile(r"\.[^.\s]{1,12}$")
# What Windows takes for devices, with or without an ending.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB"))


def safe_name(given: str, content_type: str = "") -> str:
    """The name without folders, control characters, marks that turn the direction of text, and reserved names.

    Never empty and never a path; a name that says nothing becomes `attachment` with the ending of its type.
    """
    name = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    # Cc controls, Cf marks that nobody sees (bidi, zero width), Cs lone surrogates, Zl and Zp line ends.
    name = "".join(each for each in name if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    name = _FORBIDDEN.sub("_", " ".join(name.split())).strip(". ")
    if not name:
        name = "attachment" + (mimetypes.guess_extension(content_type.lower()) or "")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    """The name at most LONGEST long, with its ending, since programs go by that."""
    if len(name) <= LONGEST:
        return name
    found = _SUFFIX.search(name)
    suffix = found[0] if found else ""
    return name[: LONGEST - len(suffix) - 1].rstrip(". ") + "…" + suffix


def size_in_words(size: int) -> str:
    """A size in bytes as people say it: `120 kB`, `3 MB`, `3.5 MB`."""
    for unit, word in _UNITS:
        if size >= unit:
            number = f"{size / unit:.1f}" if size < 10 * unit else f"{size / unit:.0f}"
            return f"{number.removesuffix('.0')} {word}"
    return f"{size} bytes" if size != 1 else "1 byte"
