"""Takes docs/picture.png: three pages of the running demo, side by side, as a phone shows them."""

import base64
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from script.support import chromium
from script.support.settings import ROOT

_PHONE: ViewportSize = {"width": 360, "height": 740}
_PASSWORD = "demo-demo-demo"  # noqa: S105


def main() -> int:
    """Writes the picture; the argument is the address of a running script/server with fresh demo data."""
    base = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.program(), args=["--no-sandbox", "--disable-gpu"])
        pictures = _pages(browser, base)
        _beside(browser, pictures, ROOT / "docs" / "picture.png")
        browser.close()
    return 0


def _pages(browser: Browser, base: str) -> list[bytes]:
    client = _person(browser, base, "client")
    client.goto("/practitioners/dr-amina-otieno")
    found = client.screenshot()
    _request(client)
    practitioner = _person(browser, base, "practitioner")
    practitioner.goto("/practice")
    inbox = practitioner.screenshot()
    practitioner.get_by_role("button", name="Approve").first.click()
    client.reload()
    client.get_by_role("link", name="Complete payment").first.click()
    client.get_by_role("button", name=re.compile("M-Pesa")).first.click()
    client.get_by_role("heading", name="Enter your PIN").wait_for()
    return [found, inbox, client.screenshot()]


def _person(browser: Browser, base: str, name: str) -> Page:
    context = browser.new_context(viewport=_PHONE, base_url=base, locale="en-KE", device_scale_factor=2)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("E-mail").fill(f"{name}@demo.test")
    page.get_by_label("Password", exact=True).fill(_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    page.wait_for_url(re.compile(r"^(?!.*/login)"))
    return page


def _request(client: Page) -> None:
    client.get_by_role("link", name="First consultation", exact=True).click()
    client.locator(".month a").nth(-2).click()
    client.locator(".slots a").first.click()
    client.get_by_role("button", name="Send request").click()


def _beside(browser: Browser, pictures: list[bytes], target: Path) -> None:
    images = "".join(f'<img src="data:image/png;base64,{base64.b64encode(each).decode()}">' for each in pictures)
    style = "body{margin:0;padding:24px;display:flex;gap:24px;background:#e9e2d6}img{width:300px;border-radius:18px}"
    page = browser.new_page(viewport={"width": 996, "height": 665})
    page.set_content(f"<style>{style}</style>{images}")
    page.screenshot(path=target)


if __name__ == "__main__":
    sys.exit(main())
