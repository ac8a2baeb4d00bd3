"""Convert HTML to lines of text as a person sees them, with quoted mail marked."""

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.mail.mime.budget import mail_budget
from bot.mail.text.html_bounds import limit_html
from bot.mail.text.html_hidden import is_hidden, is_tiny
from bot.mail.text.html_without_tags import strip_tags

_BLOCKS = (
    frozenset(("address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset"))
    | frozenset(
        ("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend")
    )
    | frozenset(("li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "thead", "tfoot", "tr", "ul"))
)
_SPACED_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote", "table"})
_TABLE_CELLS = frozenset({"td", "th"})
_INVISIBLE = frozenset({"head", "style", "script", "title", "template", "noscript", "object", "-comment", "-doctype"})
# Containers of the answered mail in mail programs that do not use <blockquote>.
_QUOTE_CLASSES = frozenset(
    {
        "gmail_quote",
        "gmail_quote_container",
        "moz-cite-prefix",
        "protonmail_quote",
        "tutanota_quote",
        "yahoo_quoted",
        "zmail_extra",
    }
)
_QUOTE_IDS = frozenset(
    {"olk_src_body_section", "divrplyfwdmsg", "mail-editor-reference-message-container", "yahoo_quoted"}
)


@dataclass(frozen=True, slots=True)
class HtmlText:
    """The text of an HTML mail."""

    text: str  # all of it, with `> ` before the lines of each <blockquote>
    new_text: str  # the same, with `> ` also before the lines of other quote containers, for `newly_written`
    cut: bool = False


@dataclass(slots=True)
class _Line:
    text: str = ""
    depth: int = 0  # number of <blockquote>s around it
    quoted: bool = False  # whether a quote container is around it


class _TextWriter:
    """Collects lines of text while the HTML is walked through."""

    def __init__(self) -> None:
        self.lines: list[_Line] = [_Line()]
        self.depth = 0
        self.quote_depth = 0
        self.preformatted = 0
        self.tiny: list[bool] = []  # whether text is too small to be seen, for each open element that sets it

    def write(self, text: str) -> None:
        if self.preformatted:
            for number, piece in enumerate(text.split("\n")):
                if number:
                    self.new_line()
                self._append(piece)
            return
        words = " ".join(text.replace("\xa0", "\x1f").split()).replace("\x1f", "\xa0")
        if not words:
            if text and self.lines[-1].text and not self.lines[-1].text.endswith(" "):
                self._append(" ")
            return
        before = " " if text[0].isspace() and self.lines[-1].text else ""
        self._append(before + words + (" " if text[-1].isspace() else ""))

    def _append(self, text: str) -> None:
        line = self.lines[-1]
        if line.text.endswith(" ") and text.startswith(" ") and not self.preformatted:
            text = text[1:]
        if not line.text:
            line.depth, line.quoted = self.depth, self.quote_depth > 0
        line.text += text

    def new_line(self) -> None:
        self.lines.append(_Line("", self.depth, self.quote_depth > 0))

    def end_block(self, *, spaced: bool = False) -> None:
        if self.lines[-1].text.strip(" "):
            self.new_line()
        if spaced and len(self.lines) > 1 and self.lines[-2].text.strip():
            self.new_line()


def html_to_text(html: str) -> HtmlText:
    """Convert the HTML of a mail. Walks without recursion: Outlook replies are often nested sixty levels deep."""
    with mail_budget() as budget:
        if budget.frugal:
            return HtmlText(text := strip_tags(html), text, budget.exceeded)
        writer = _TextWriter()
        root = LexborHTMLParser(limit_html(html)).root
        stack: list[tuple[LexborNode, bool]] = [(root, False)] if root is not None else []
        while stack and budget.take("nodes"):
            node, leaving = stack.pop()
            if leaving:
                _close_node(writer, node)
            elif _open_node(writer, node):
                stack.append((node, True))
                child = node.last_child
                while child is not None:
                    stack.append((child, False))
                    child = child.prev
        return HtmlText(
            _joined(writer.lines, only_blockquotes=True), _joined(writer.lines, only_blockquotes=False), budget.exceeded
        )


def _open_node(writer: _TextWriter, node: LexborNode) -> bool:
    """Write the start of the node; returns whether its children are to be visited."""
    tag = node.tag or ""
    if tag == "-text":
        if not (writer.tiny and writer.tiny[-1]):
            writer.write(node.text_content or "")
        return False
    if tag == "br":
        writer.new_line()
        return False
    attributes = node.attributes
    if tag in _INVISIBLE or (attributes and is_hidden(attributes)):
        return False
    if attributes and (tiny := is_tiny(attributes)) is not None:
        writer.tiny.append(tiny)
    if tag in _BLOCKS:
        writer.end_block(spaced=tag in _SPACED_BLOCKS)
        writer.depth += tag == "blockquote"
        writer.preformatted += tag == "pre"
        writer.quote_depth += _is_quote_container(node)
        if tag == "li":
            writer.write("* ")
    elif tag in _TABLE_CELLS and writer.lines[-1].text.strip():
        writer.write(" ")
    return True


def _close_node(writer: _TextWriter, node: LexborNode) -> None:
    tag = node.tag or ""
    attributes = node.attributes
    if attributes and is_tiny(attributes) is not None:
        writer.tiny.pop()
    if tag in _BLOCKS:
        writer.end_block(spaced=tag in _SPACED_BLOCKS)
        writer.depth -= tag == "blockquote"
        writer.preformatted -= tag == "pre"
        writer.quote_depth -= _is_quote_container(node)


def _is_quote_container(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    classes = (attributes.get("class") or "").lower().split()
    return not _QUOTE_CLASSES.isdisjoint(classes) or (attributes.get("id") or "").lower() in _QUOTE_IDS


def _joined(lines: list[_Line], *, only_blockquotes: bool) -> str:
    shown: list[str] = []
    for line in lines:
        text = line.text.replace("\xa0", " ").rstrip()
        marks = line.depth if only_blockquotes else max(line.depth, int(line.quoted))
        marked = f"{'>' * marks} {text}".rstrip() if marks else text
        if text or (shown and shown[-1].strip("> ")):  # one empty line at most
            shown.append(marked)
    if shown and not shown[-1].strip("> "):
        shown.pop()
    return "\n".join(shown)
