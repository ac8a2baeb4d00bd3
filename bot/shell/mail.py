"""The command `casebook read-mail`, which shows what Casebook reads in a mail."""

import json
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.clock import Clock
from bot.mail.incoming import mail_rules
from bot.mail.parse import Mail, UnreadableMailError, read_mail
from bot.mail.worker.record import KEYS, Answer, read_as_answer
from bot.settings import survey_here

_STANDARD_INPUT = "-"
_SHOWN_LINES = 60  # of each text, without --json
_CONTROLS = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160)))  # mails may contain escape sequences


def with_files(parser: ArgumentParser) -> None:
    """Add the files to read, and `--json`."""
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = "keys of an object, those that the mail has something for:\n" + "\n".join(
        f"  {name:<18} {meaning}" for name, meaning in KEYS.items()
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="a mail as it came (.eml), or - for standard input")
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each file, for programs")


def read(arguments: Namespace) -> int:
    """Show what Casebook reads in mails that stand in files; needs no setting, and heeds whose addresses are ours."""
    console = Console(highlight=False, soft_wrap=True)
    status = 0
    for file in arguments.files:
        answer = _answer(file)
        if "error" in answer:
            status = 1
            print(f"{_printable(file)}: {answer['error']}", file=sys.stderr)
        if arguments.json:
            print(json.dumps(answer))
        elif "error" not in answer:
            _show(console, answer)
    return status


def _answer(file: str) -> Answer:
    """The parsed file, or an `error` that says why it cannot be read."""
    named: Answer = {"file": _printable(file)}
    try:
        raw = sys.stdin.buffer.read() if file == _STANDARD_INPUT else Path(file).read_bytes()
    except OSError as error:
        return named | {"error": f"The file cannot be read: {error.strerror or type(error).__name__}."}
    clock = Clock()
    began = clock.monotonic()
    try:
        mail: Mail = read_mail(raw)
    except UnreadableMailError as error:
        return named | {"error": str(error), "seconds": round(clock.monotonic() - began, 6)}
    seconds = round(clock.monotonic() - began, 6)
    return named | read_as_answer(mail, mail_rules(survey_here().settings)) | {"seconds": seconds}


def _show(console: Console, answer: Answer) -> None:
    """Print a mail for people; its text is not taken as markup."""
    console.print(Text(str(answer["file"]), style="bold"))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    texts: dict[str, str] = {}
    for name, value in answer.items():
        if name == "file" or value in (None, "", [], False):
            continue
        if isinstance(value, str) and ("\n" in value or name.endswith(("_text", "_body"))):
            texts[name] = value
        else:
            table.add_row(f"  {name}", Text(_value(value)))
    console.print(table)
    for name, text in texts.items():
        console.print(Text(f"  {name}", style="dim"))
        console.print(Text(_clipped(text)))
    console.print()


def _value(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(_value(item) for item in value)
    if isinstance(value, Mapping):
        return f"{value.get('filename') or '(no name)'}, {value.get('content_type')}, {value.get('size')} bytes"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).translate(_CONTROLS)


def _clipped(text: str) -> str:
    lines = text.translate(_CONTROLS).split("\n")
    more = len(lines) - _SHOWN_LINES
    shown = [f"    {line}" for line in lines[:_SHOWN_LINES]]
    return "\n".join([*shown, f"    (and {more} more lines; --json has them all)"] if more > 0 else shown)


def _printable(text: str) -> str:
    """A file name that can be printed, also when it is not valid UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
