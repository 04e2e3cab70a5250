"""An operator's text becomes headings, lists, links and words, and no markup of its own is believed."""

import pytest

from app.lib.papers.plain_markup import html


def test_headings_paragraphs_lists_bold_and_links() -> None:
    text = "# Who\nWe are **small**.\nTwo people.\n\n- one\n- [mail](mailto:a@b.test)\n\nSee https://a.test/x?y=1&z=2."
    assert html(text) == (
        "<h2>Who</h2>\n<p>We are <strong>small</strong>.<br>\nTwo people.</p>\n"
        '<ul><li>one</li><li><a href="mailto:a@b.test" rel="nofollow noopener">mail</a></li></ul>\n'
        '<p>See <a href="https://a.test/x?y=1&amp;z=2" rel="nofollow noopener">https://a.test/x?y=1&amp;z=2</a>.</p>'
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "# <img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
        '[x](https://a.test/"onmouseover="alert(1))',
        "https://a.test/'><script>",
        "[<b>x</b>](https://a.test)",
        "- **<i>**",
    ],
)
def test_nothing_of_somebody_elses_markup_comes_through(text: str) -> None:
    made = str(html(text))
    for ours in (
        "<p>",
        "</p>",
        "<h2>",
        "</h2>",
        "<ul>",
        "</ul>",
        "<li>",
        "</li>",
        "<strong>",
        "</strong>",
        "</a>",
        "<br>",
    ):
        made = made.replace(ours, "")
    while '<a href="https://' in made:
        begin = made.index('<a href="https://')
        end = made.index('" rel="nofollow noopener">', begin)
        assert not {'"', "<", ">", "'"} & set(made[begin + len('<a href="') : end]), made
        made = made[:begin] + made[end + len('" rel="nofollow noopener">') :]
    assert not {"<", ">"} & set(made), made
