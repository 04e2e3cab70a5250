"""script/check's linter of stylesheets."""

from pathlib import Path

from script.support import stylesheets

SHEET = """\
:root { --used: 1rem; --idle: 2rem; }
.page { padding: var(--used); padding: var(--nowhere); }
@media print {
  .page--wide { color: red; margin: 0; color: blue; }
  .gone { color }
}
.half { color
"""


def test_the_linter_says_what_browsers_pass_over_and_what_nothing_uses(tmp_path: Path) -> None:
    sheet = tmp_path / "static" / "some.css"
    sheet.parent.mkdir()
    sheet.write_text(SHEET)
    (tmp_path / "page.html").write_text('<div class="page{{ " page--" ~ kind }} half">')

    said = [complaint.removeprefix(f"{sheet}:") for complaint in stylesheets.complaints(sheet)]

    assert said == [
        "4: color is set twice",
        "5: EOF reached before {} block for a qualified rule.",
        "7: EOF reached before {} block for a qualified rule.",
        "1: nothing uses --idle",
        "1: --nowhere is used and not set",
        "5: no page has the class gone",
    ]
