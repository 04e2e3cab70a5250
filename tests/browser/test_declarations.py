"""A browser passes over what it does not understand of a stylesheet, and says nothing."""

import pytest
from playwright.sync_api import Browser

from script.support import stylesheets
from script.support.settings import ROOT


@pytest.mark.parametrize("sheet", stylesheets.SHEETS, ids=str)
def test_the_browser_understands_every_declaration(sheet, browser: Browser) -> None:
    page = browser.new_page()
    declared = stylesheets.declarations(ROOT / sheet)
    understood = page.evaluate("(all) => all.map(([line, name, value]) => CSS.supports(name, value))", declared)
    page.close()

    assert len(declared) > 100
    assert [each for each, is_known in zip(declared, understood, strict=True) if not is_known] == []
