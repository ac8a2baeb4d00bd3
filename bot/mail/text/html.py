"""HTML to lines of text, as a person would see them, with what quotes an earlier mail told apart."""

from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.mail.mime.budget import one_mail
from bot.mail.text.html_bounds import bounded
from bot.mail.text.html_hidden import is_hidden, is_tiny
from bot.mail.text.html_without_tags import without_tags

_BLOCKS = (
    frozenset(("address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset"))
    | frozenset(
        ("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend")
    )
    | frozenset(("li", "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "thead", "tfoot", "tr", "ul"))
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote", "table"})
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"head", "style", "script", "title", "template", "noscript", "object", "-comment", "-doctype"})
# Where mail programs put the mail that is answered, other than <blockquote>.
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
    """What stands in an HTML mail."""

    text: str  # everything, block quotes marked with `> `
    new_text: str  # the same, with every quoting container marked, so that `newly_written` sees it
    cut: bool = False


@dataclass(slots=True)
class _Line:
    text: str = ""
    depth: int = 0  # how many <blockquote>s it is in
    quoted: bool = False  # it is in a container of an answered mail


class _Page:
    """The lines written so far."""

    def __init__(self) -> None:
        self.lines: list[_Line] = [_Line()]
        self.depth = 0
        self.quoting = 0
        self.preformatted = 0
        self.tiny: list[bool] = []  # whether text is too small to be seen, in each element that says so

    def write(self, text: str) -> None:
        if self.preformatted:
            for number, piece in enumerate(text.split("\n")):
                if number:
                    self.break_line()
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
            line.depth, line.quoted = self.depth, self.quoting > 0
        line.text += text

    def break_line(self) -> None:
        self.lines.append(_Line("", self.depth, self.quoting > 0))

    def end_block(self, *, spaced: bool = False) -> None:
        if self.lines[-1].text.strip(" "):
            self.break_line()
        if spaced and len(self.lines) > 1 and self.lines[-2].text.strip():
            self.break_line()


def html_to_text(html: str) -> HtmlText:
    """The text of an HTML mail. Walks without recursion: sixty levels of Outlook replies are usual."""
    with one_mail() as left:
        if left.frugal:
            return HtmlText(text := without_tags(html), text, left.exceeded)
        page = _Page()
        root = LexborHTMLParser(bounded(html)).root
        stack: list[tuple[LexborNode, bool]] = [(root, False)] if root is not None else []
        while stack and left.take("nodes"):
            node, leaving = stack.pop()
            if leaving:
                _leave(page, node)
            elif _enter(page, node):
                stack.append((node, True))
                child = node.last_child
                while child is not None:
                    stack.append((child, False))
                    child = child.prev
        return HtmlText(_joined(page.lines, whole=True), _joined(page.lines, whole=False), left.exceeded)


def _enter(page: _Page, node: LexborNode) -> bool:
    """Write what stands at the start of the node; whether its children are to be read."""
    tag = node.tag or ""
    if tag == "-text":
        if not (page.tiny and page.tiny[-1]):
            page.write(node.text_content or "")
        return False
    if tag == "br":
        page.break_line()
        return False
    attributes = node.attributes
    if tag in _UNSEEN or (attributes and is_hidden(attributes)):
        return False
    if attributes and (tiny := is_tiny(attributes)) is not None:
        page.tiny.append(tiny)
    if tag in _BLOCKS:
        page.end_block(spaced=tag in _SPACED)
        page.depth += tag == "blockquote"
        page.preformatted += tag == "pre"
        page.quoting += _quotes(node)
        if tag == "li":
            page.write("* ")
    elif tag in _CELLS and page.lines[-1].text.strip():
        page.write(" ")
    return True


def _leave(page: _Page, node: LexborNode) -> None:
    tag = node.tag or ""
    attributes = node.attributes
    if attributes and is_tiny(attributes) is not None:
        page.tiny.pop()
    if tag in _BLOCKS:
        page.end_block(spaced=tag in _SPACED)
        page.depth -= tag == "blockquote"
        page.preformatted -= tag == "pre"
        page.quoting -= _quotes(node)


def _quotes(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    classes = (attributes.get("class") or "").lower().split()
    return not _QUOTE_CLASSES.isdisjoint(classes) or (attributes.get("id") or "").lower() in _QUOTE_IDS


def _joined(lines: list[_Line], *, whole: bool) -> str:
    shown: list[str] = []
    for line in lines:
        text = line.text.replace("\xa0", " ").rstrip()
        marks = line.depth if whole else max(line.depth, int(line.quoted))
        marked = f"{'>' * marks} {text}".rstrip() if marks else text
        if text or (shown and shown[-1].strip("> ")):  # one empty line at most
            shown.append(marked)
    if shown and not shown[-1].strip("> "):
        shown.pop()
    return "\n".join(shown)
