"""Reads the texts of the settings from the environment, `.env`, and the files with secrets."""

import difflib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv.parser import parse_stream

_ALIKE = 0.85  # ESCALATION_HOUR is 0.97 like ESCALATION_HOURS; SMTP_HOST is 0.78 like SMTP_PORT
_EXACT = frozenset({"IMAP_FOLDER"})  # surrounding blanks are part of the value
# Other programs read these too, and the lower-case names take precedence.
_LOWER_CASE_TOO = frozenset({"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"})


@dataclass(slots=True, kw_only=True)
class Given:
    """The texts by variable, and the problems of reading them."""

    texts: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unreadable: frozenset[str] = frozenset()  # set as a file that cannot be read
    misspelt: tuple[str, ...] = ()  # sentences about unknown names that resemble known ones
    secret_files: dict[str, Path] = field(default_factory=dict)  # files that were read, by the variable that names them


def gather(environ: Mapping[str, str], env_file: Path, *, names: frozenset[str], secrets: frozenset[str]) -> Given:
    """Collect every variable of `names` that is set, and `NAME_FILE` for those in `secrets`."""
    given = Given()
    forms = {name: _forms(name, is_secret=name in secrets) for name in names}
    written = _read_env_file(env_file, given)
    if secrets & written.keys():
        given.secret_files[".env"] = env_file
    for name in sorted(names):
        # NAME and NAME_FILE are one setting: either in the environment overrides both in `.env`.
        source = environ if any(form in environ for form in forms[name]) else written
        texts = {form: text for form in forms[name] if (text := _text(source, form))}
        file = texts.pop(f"{name}_FILE", None)
        if file and texts:
            given.problems.append(f"{name} and {name}_FILE are both set; keep one of them.")
            given.unreadable |= {name}
        elif file:
            _read_secret(name, env_file.parent / file, given)
        elif texts:
            given.texts[name] = next(iter(texts.values()))
    known = {form for spellings in forms.values() for form in spellings}
    given.misspelt = tuple(_misspelt({*environ, *written} - known, known))
    return given


def _text(source: Mapping[str, str], name: str) -> str:
    """The value of a variable; the name of a mail folder may begin or end with a blank."""
    text = source.get(name, "")
    return text if name in _EXACT and text.strip() else text.strip()


def _forms(name: str, *, is_secret: bool) -> tuple[str, ...]:
    """The names by which a variable may be set, by precedence."""
    small = (name.lower(),) if name in _LOWER_CASE_TOO else ()
    return (*small, name, *((f"{name}_FILE",) if is_secret else ()))


def _read_env_file(path: Path, given: Given) -> dict[str, str]:
    """The lines of `.env`; `${NAME}` is not expanded, since passwords may contain it."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows editors write a byte order mark
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        given.problems.append(f".env cannot be read ({_why(error)}).")
        return {}
    written: dict[str, str] = {}
    for line in parse_stream(io.StringIO(text)):
        if line.error:
            given.problems.append(f"Line {line.original.line} of .env must be NAME=value or a # comment.")
        elif line.key:
            written[line.key] = line.value or ""
    return written


def _read_secret(name: str, path: Path, given: Given) -> None:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        given.problems.append(f"{name}_FILE must name a readable file in UTF-8 ({_why(error)}).")
        given.unreadable |= {name}
        return
    if text:
        given.texts[name] = text
        given.secret_files[f"{name}_FILE"] = path
    else:
        given.problems.append(f"{name}_FILE must name a file that holds the secret; the file is empty.")
        given.unreadable |= {name}


def _why(error: OSError | UnicodeDecodeError) -> str:
    """The reason without the path: somebody may have set the secret itself instead of its file's name."""
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else "it is not UTF-8"


def _misspelt(strangers: Iterable[str], known: set[str]) -> Iterable[str]:
    for stranger in sorted(strangers):
        if "_" in stranger and (near := difflib.get_close_matches(stranger, sorted(known), 1, _ALIKE)):
            yield f"{stranger} is no setting of ours and was not read; perhaps {near[0]} was meant."
