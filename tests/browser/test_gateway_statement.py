"""Staff give M-Pesa's statement on a phone: what was not heard of is asked about, and a file that is none says why."""

from pathlib import Path

from playwright.sync_api import expect

from app.lib import clock
from sandbox.daraja import menu, statements
from tests.browser.axe import no_violations
from tests.browser.conftest import Site, no_sideways_scroll, shot
from tests.support.deals import deal


def test_staff_find_a_payment_nobody_told_of_in_a_statement(site: Site, tmp_path: Path) -> None:
    """At 360 px: a file that is not whole, then the whole one, then the same once more."""
    world = site.world
    one = deal(world, "mpesa")
    one.pay_unheard()
    menu.pay(world.sandbox.sandbox, phone="254722000111", account="OTHER-SHOP", amount=250, foreign=True)
    now = clock.now().timestamp()
    whole = statements.statement(world.sandbox.sandbox, now - 86_400, now)
    files = {
        "whole": whole,
        "cut": whole[:-120],
        "strange": whole.replace("1,500.00", "lots").replace("174379", "600000"),
    }
    for name, content in files.items():
        (tmp_path / f"{name}.csv").write_text(content, newline="")
    page = site.person("staff")
    page.goto("/staff")
    page.get_by_role("link", name="Compare a statement").click()
    no_violations(page)
    for name, said in {
        "strange": "another shortcode",
        "cut": "cut off here",
        "whole": "1 payment is new to us",
    }.items():
        page.get_by_label("Statement (CSV, or a ZIP containing one)").set_input_files(tmp_path / f"{name}.csv")
        page.get_by_role("button", name="Compare").click()
        expect(page.get_by_role("main")).to_contain_text(said)
        no_sideways_scroll(page)
        no_violations(page)
        shot(page, f"statement-{name}")
    world.work()
    one.is_confirmed_once()
