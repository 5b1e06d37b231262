"""What the browser tests share: Debian's chromium, and pages that tell of every violation and every error."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
FLAGS += ["--disable-quic"]
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  window.tellViolation([event.violatedDirective, event.blockedURI, event.sample, event.sourceFile, event.lineNumber,
    event.target?.outerHTML?.slice(0, 200)].join(" ")));
"""
GRAVE = ("serious", "critical")
PASSWORD = "correct horse battery staple"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's browser without a window; the test is skipped where there is none."""
    executable = shutil.which("chromium")
    if executable is None:
        pytest.skip("no chromium: apt-get install chromium")
    expect.set_options(timeout=20_000)
    # Playwright keeps an event loop in this thread, which Django would take for an asynchronous view.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        launched = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield launched
        launched.close()


class Desk:
    """One person's browser on the site; whatever the pages complained of stands in `complaints`."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.address = address
        self.complaints: list[str] = []
        self.answers: dict[str, Response] = {}
        self.context: BrowserContext = browser.new_context(
            base_url=address, viewport={"width": 1280, "height": 900}, color_scheme="light"
        )
        self.context.expose_binding("tellViolation", lambda _source, words: self.complaints.append(words))
        self.context.add_init_script(TELL_VIOLATIONS)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        # The browser says this of every answer from 400 on, without its status in a form of its own.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def _answered(self, response: Response) -> None:
        self.answers[response.url.removeprefix(self.address)] = response
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    def sign_in(self, name: str) -> None:
        """Fill in the form at `/`; the site then goes to the place of the role."""
        self.page.goto("/")
        self.page.get_by_label("User name").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Sign out")).to_be_visible()

    def sit_down(self, user: User) -> None:
        """Bring a session along instead of a password."""
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.address}])

    def sign_out(self) -> None:
        """End the session; the door shows again."""
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.page.get_by_role("heading", name="Sign in")).to_be_visible()

    def open_refused(self, path: str, status: int) -> None:
        """Open a page that must answer with this status, and with nothing else to complain of."""
        before = len(self.complaints)
        answer = self.page.goto(path)
        assert answer is not None and answer.status == status
        assert self.complaints[before:] == [f"{status} {answer.url}"]
        del self.complaints[before:]

    def look(self) -> None:
        """No serious or critical finding of axe on the page as it stands, in light and in dark."""
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            self._photograph(scheme)
            found = Axe().run(self.page).response["violations"]
            grave = [told(one) for one in found if one["impact"] in GRAVE]
            assert grave == [], f"{scheme}, {self.page.url}"
        self.page.emulate_media(color_scheme="light")

    def _photograph(self, scheme: str) -> None:
        """A picture for whoever asks for one by naming a folder."""
        folder = os.environ.get("TEST_PICTURES")
        if folder:
            name = self.page.url.removeprefix(self.address).strip("/").partition("?")[0].replace("/", "-")[:40]
            self.page.screenshot(path=f"{folder}/{name or 'door'}-{scheme}.png", full_page=True)


def told(violation: dict[str, Any]) -> str:
    """A finding of axe in one line: rule and places."""
    return f"{violation['id']} at {[node['target'] for node in violation['nodes']][:5]}"


def click_point(page: Page, trace: str, index: int) -> None:
    """Click one point of a trace of the first figure, where Plotly has drawn it."""
    figure = page.locator(".figure").first
    figure.locator(".main-svg").first.wait_for()
    x, y = figure.evaluate(
        """(figure, [name, i]) => {
          figure.scrollIntoView({ block: "start", behavior: "instant" });
          window.scrollBy(0, -80);
          const trace = figure._fullData.find((one) => one.name === name), layout = figure._fullLayout;
          const box = figure.getBoundingClientRect(), y = layout[trace.yaxis.replace("y", "yaxis")];
          return [box.left + layout.xaxis._offset + layout.xaxis.d2p(trace.x[i]),
                  box.top + y._offset + y.d2p(trace.y[i])];
        }""",
        [trace, index],
    )
    page.mouse.move(x - 4, y - 2)
    page.mouse.move(x, y)
    page.locator(".hovertext").first.wait_for()
    page.mouse.click(x, y)
