"""Templates, read as Jinja reads them."""

from flask import Flask
from jinja2 import meta, nodes

from config import ROOT

TEMPLATES = ROOT / "app" / "templates"


def test_no_page_reads_a_variable_that_the_base_sets_for_itself(app: Flask) -> None:
    """What base.html sets at its top is set for every block of every page: whoever passes the same name gets the base's."""
    parsed = {file: app.jinja_env.parse(file.read_text("utf-8")) for file in TEMPLATES.rglob("*.html")}
    base = parsed.pop(TEMPLATES / "base.html")
    taken = {each.target.name for each in base.find_all(nodes.Assign) if isinstance(each.target, nodes.Name)}
    assert {each for each in taken if not each.startswith("base_")} == set()
    read = {
        file.relative_to(TEMPLATES).as_posix(): meta.find_undeclared_variables(page) & taken
        for file, page in parsed.items()
    }
    assert {name: variables for name, variables in read.items() if variables} == {}
