"""Whether people with a screen reader, a keyboard or weak eyes can use it: axe-core's rules for WCAG 2.2 AA and good practice."""

from pathlib import Path
from typing import Any

import axe_playwright_python  # type: ignore[import-untyped]  # brings axe-core
from playwright.sync_api import Page

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = "rules => axe.run({runOnly: rules, resultTypes: ['violations']}).then(found => found.violations)"


def no_violations(page: Page) -> None:
    """axe finds nothing wrong with the page as it is shown now."""
    if not page.evaluate("typeof axe === 'object'"):
        page.add_init_script(_AXE)  # and in the pages after this one, where it need not be sent again
        page.evaluate(_AXE)
    found: list[dict[str, Any]] = page.evaluate(_RUN, _RULES)
    assert not found, "\n".join([page.url, *map(_told, found)])


def _told(violation: dict[str, Any]) -> str:
    where = "; ".join(f"{node['html'][:160]} ({node['failureSummary'][:200]})" for node in violation["nodes"][:3])
    return f"{violation['id']}: {violation['help']}: {where}"
