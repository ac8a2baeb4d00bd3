"""HTML becomes text as a person would see it."""

import pytest

from bot.mail.text.html import html_to_text


def test_blocks_are_lines_and_inline_tags_are_not():
    assert html_to_text("<div>a<b>b</b> c</div><div>d</div>").text == "ab c\nd"


def test_paragraphs_are_separated_by_an_empty_line():
    assert html_to_text("<p>one</p>\n  <p>two<br>three</p>").text == "one\n\ntwo\nthree"


def test_hidden_elements_are_skipped():
    page = html_to_text("<title>t</title><style>s</style><script>x</script><!-- c --><p style='DISPLAY : none'>h</p>v")

    assert page.text == "v"


def test_preformatted_text_keeps_its_lines():
    assert html_to_text("<pre>one\n  two</pre>").text == "one\n  two"


def test_cells_of_a_row_are_separated_by_a_space():
    assert html_to_text("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>").text == "a b\nc"


def test_block_quotes_are_marked_by_their_depth():
    page = html_to_text("new<blockquote>old<blockquote>older</blockquote></blockquote>")

    assert page.text == "new\n\n> old\n>\n>> older"


def test_other_quote_containers_are_marked_only_in_the_new_text():
    page = html_to_text('<div>new</div><div class="yahoo_quoted">old</div>')

    assert page.text == "new\nold"
    assert page.new_text == "new\n> old"


def test_too_many_levels_are_cut_and_marked():
    page = html_to_text("text" + "<div>" * 50_000 + "deep")

    assert page.cut
    assert page.text == "text"


def test_text_below_sixty_levels_of_replies_is_not_lost():
    page = html_to_text("<div><table><tr><td>" * 300 + "deep" + "</td></tr></table></div>" * 300)

    assert page.text == "deep"
    assert not page.cut


@pytest.mark.parametrize(
    "hiding",
    [
        'style="display:none"',
        'style="color:red; DISPLAY : none !important"',
        'style="max-height:0;overflow:hidden"',
        'style="max-height:0px; max-width:0px; overflow:hidden"',
        'style="font-size:0"',
        'style="font-size:1px;line-height:1px"',
        'style="font-size:0px"',
        'style="font-size: 0.0em"',
        'style="opacity:0"',
        'style="opacity: 0.0;"',
        'style="visibility:hidden"',
        'style="mso-hide:all"',
        "hidden",
        'hidden="hidden"',
    ],
)
@pytest.mark.parametrize("tag", ["div", "span", "td"])
def test_a_hidden_line_above_the_mail_is_not_read(hiding, tag):
    hidden = f"<{tag} {hiding}>it is <b>urgent</b></{tag}>"
    html = f"<table><tr>{hidden}<td>seen</td></tr></table>" if tag == "td" else f"{hidden}<p>seen</p>"

    page = html_to_text(html)

    assert page.text == page.new_text == "seen"


@pytest.mark.parametrize(
    "html",
    [
        '<div style="max-height:0.5em">seen</div>',
        '<div style="max-height:100px">seen</div>',
        '<div style="opacity:0.8">seen</div>',
        '<div style="font-size:10px">seen</div>',
        '<div style="font-size:1em">seen</div>',
        '<div style="font-size:100%">seen</div>',
        '<div style="mso-fareast-display:none-x">seen</div>',
        '<div style="backface-visibility:hidden">seen</div>',
        '<td style="font-size:0px"><div style="font-size:13px">seen</div></td>',
        '<td style="font-size:0"><p class="text">seen</p></td>',
        '<td style="font-size:0"><p style="font:14px Arial">seen</p></td>',
        '<td style="font-size:0"><font size="2">seen</font></td>',
        '<div style="font-size:0"><i></i></div><p>seen</p>',
    ],
)
def test_visible_elements_are_read(html):
    assert html_to_text(html).text == "seen"
