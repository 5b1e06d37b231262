"""The page's script in a real browser under the page's policy: draws, tells of clicks, changes its colours, prints."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Page, Route, sync_playwright

from monitoring.charts.course import course_figure
from tests.monitoring.charts.pictures import CONTRAST, concluded

pytestmark = pytest.mark.browser

SITE = "http://figures.test"
POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'nonce-N'; img-src 'self' data: blob:"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
SCRIPTS = {"charts.js": "js/charts.js", "plotly.js": "plotly/plotly.min.js", "htmx.js": "django_htmx/htmx-4.min.js"}
WATCH = """
window.told = []; window.violations = [];
document.addEventListener("deltarad:point", (event) => window.told.push(event.detail));
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield launched
        launched.close()


def figure_markup() -> str:
    drawing = course_figure(*concluded(), [CONTRAST])
    drawers = (
        f'data-lesion-drawer="/lesions/{"00000000-0000-0000-0000-000000000000"}/drawer" data-visit-drawer="/p/visits/0"'
    )
    return (
        f'<div class="figure" {drawers}></div>'
        f'<script type="application/json" class="figure-data">{drawing.json}</script>'
    )


def page_markup(body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><title>x</title>'
        '<meta name="htmx-config" content=\'{"includeIndicatorStyles": false, "allowEval": false}\'>'
        '<style id="plotly.js-style-global" nonce="N"></style><script src="/htmx.js" defer></script>'
        f'<script src="/charts.js" data-plotly="/plotly.js" defer></script></head><body>{body}</body></html>'
    )


def served(body: str) -> Any:
    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(SITE).lstrip("/")
        if name in SCRIPTS:
            text = Path(str(finders.find(SCRIPTS[name]))).read_text(encoding="utf-8")
            route.fulfill(body=text, content_type="text/javascript")
        else:
            text = figure_markup() if name == "fragment" else page_markup(body)
            route.fulfill(body=text, content_type="text/html", headers={"Content-Security-Policy": POLICY})

    return answer


@pytest.fixture
def opened(browser: Browser) -> Iterator[Any]:
    """Opens a page with some body; afterwards no violation of the policy and no error may have been seen."""
    context = browser.new_context(viewport={"width": 1200, "height": 1200}, color_scheme="light")
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(WATCH)

    def open_page(body: str) -> Page:
        page.route(f"{SITE}/**", served(body))
        page.goto(f"{SITE}/")
        return page

    yield open_page
    assert page.evaluate("window.violations") == []
    assert errors == []
    context.close()


def drawn(opened: Any) -> Page:
    page: Page = opened(figure_markup())
    page.locator(".figure .main-svg").first.wait_for()
    page.wait_for_timeout(200)
    return page


def place(page: Page, name: str, index: int) -> tuple[float, float]:
    """Where one point of a trace lies in the window."""
    x, y = page.evaluate(
        """([name, i]) => {
          const figure = document.querySelector(".figure"), box = figure.getBoundingClientRect();
          const trace = figure._fullData.find((one) => one.name === name), layout = figure._fullLayout;
          const y = layout[trace.yaxis.replace("y", "yaxis")];
          const across = layout.xaxis._offset + layout.xaxis.d2p(trace.x[i]);
          return [box.left + across, box.top + y._offset + y.d2p(trace.y[i])];
        }""",
        [name, index],
    )
    return float(x), float(y)


def click(page: Page, name: str, index: int) -> dict[str, Any]:
    x, y = place(page, name, index)
    page.mouse.move(x - 4, y - 2)
    page.mouse.move(x, y)
    page.wait_for_timeout(150)
    page.mouse.click(x, y)
    page.wait_for_timeout(150)
    told: list[dict[str, Any]] = page.evaluate("window.told")
    return told[-1]


def letters_colour(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.querySelector('.figure .xtitle')).fill")
    return colour


def test_a_figure_is_drawn_with_words_for_those_who_cannot_see_it(opened: Any) -> None:
    figure = drawn(opened).locator(".figure")
    assert figure.get_attribute("role") == "figure"
    assert (figure.get_attribute("aria-label") or "").startswith("Course of SYN-1")


def test_a_click_on_a_lesion_leads_to_its_outline(opened: Any) -> None:
    told = click(drawn(opened), "liver 2", 2)
    assert told == {
        "timepoint": 3,
        "lesion": "lesion-2",
        "segmentation": "seg-30",
        "drawer": "/lesions/lesion-2/drawer?outline=seg-30",
    }


def test_a_click_on_the_sum_leads_to_the_visit(opened: Any) -> None:
    assert click(drawn(opened), "Target sum", 1) == {"timepoint": 2, "drawer": "/p/visits/2"}


def test_a_point_shows_the_card_of_its_visit(opened: Any) -> None:
    page = drawn(opened)
    x, y = place(page, "Target sum", 3)
    page.mouse.move(x - 4, y - 2)
    page.mouse.move(x, y)
    page.locator(".hovertext").first.wait_for()
    assert "Progressive disease" in (page.locator(".hovertext").first.text_content() or "")


def test_another_theme_needs_no_reload(opened: Any) -> None:
    page = drawn(opened)
    light = letters_colour(page)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_timeout(200)
    assert letters_colour(page) != light
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.wait_for_timeout(200)
    assert letters_colour(page) == light


def test_the_systems_theme_counts_until_one_is_chosen(opened: Any) -> None:
    page = drawn(opened)
    light = letters_colour(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(200)
    assert letters_colour(page) != light


def test_a_figure_that_htmx_brings_is_drawn_too(opened: Any) -> None:
    page: Page = opened('<button hx-get="/fragment" hx-target="#place">more</button><div id="place"></div>')
    assert page.evaluate("typeof window.Plotly") == "undefined"
    page.locator("button").click()
    page.locator("#place .main-svg").first.wait_for()


def test_a_figure_follows_the_width_of_its_place(opened: Any) -> None:
    page = drawn(opened)
    page.set_viewport_size({"width": 480, "height": 1200})
    page.wait_for_timeout(300)
    width, height = page.evaluate(
        "(({ width, height }) => [width, height])(document.querySelector('.figure')._fullLayout)"
    )
    assert width < 480
    assert height == json.loads(course_figure(*concluded(), [CONTRAST]).json)["figure"]["layout"]["height"]


def test_paper_gets_its_own_colours_and_width(opened: Any) -> None:
    page = drawn(opened)
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(200)
    assert letters_colour(page) == "rgb(51, 51, 51)"
    assert page.evaluate("document.querySelector('.figure')._fullLayout.width") == 690
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.wait_for_timeout(200)
    assert page.evaluate("document.querySelector('.figure')._fullLayout.width") > 1000


def test_no_button_sends_a_figure_anywhere(opened: Any) -> None:
    buttons = drawn(opened).locator(".modebar-btn")
    titles = [buttons.nth(i).get_attribute("data-title") or "" for i in range(buttons.count())]
    assert len(titles) == 4
    assert not [title for title in titles if any(word in title.lower() for word in ("cloud", "share", "link", "edit"))]


def test_the_policy_of_these_pages_is_the_sites() -> None:
    directives: Any = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert [str(source) for source in directives["script-src"]] == ["'self'"]
    assert "'unsafe-inline'" not in [str(source) for source in directives["style-src"]]
