"""HTML is read as a person would see it."""

from bot.mail.html_text import html_to_text


def test_blocks_are_lines_and_inline_tags_are_not():
    assert html_to_text("<div>a<b>b</b> c</div><div>d</div>").text == "ab c\nd"


def test_paragraphs_are_set_apart():
    assert html_to_text("<p>one</p>\n  <p>two<br>three</p>").text == "one\n\ntwo\nthree"


def test_what_is_not_shown_is_not_read():
    page = html_to_text("<title>t</title><style>s</style><script>x</script><!-- c --><p style='DISPLAY : none'>h</p>v")

    assert page.text == "v"


def test_preformatted_text_keeps_its_lines():
    assert html_to_text("<pre>one\n  two</pre>").text == "one\n  two"


def test_cells_of_a_row_stay_apart():
    assert html_to_text("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>").text == "a b\nc"


def test_block_quotes_are_marked_by_their_depth():
    page = html_to_text("new<blockquote>old<blockquote>older</blockquote></blockquote>")

    assert page.text == "new\n\n> old\n>\n>> older"


def test_containers_of_an_answered_mail_are_marked_only_for_the_new_text():
    page = html_to_text('<div>new</div><div class="yahoo_quoted">old</div>')

    assert page.text == "new\nold"
    assert page.new_text == "new\n> old"


def test_absurd_depth_is_cut_and_said():
    page = html_to_text("text" + "<div>" * 50_000 + "deep")

    assert page.cut
    assert page.text == "text"


def test_text_below_sixty_levels_of_replies_is_not_lost():
    page = html_to_text("<div><table><tr><td>" * 300 + "deep" + "</td></tr></table></div>" * 300)

    assert page.text == "deep"
    assert not page.cut
