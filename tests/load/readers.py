"""Those who read: each signs in, looks at the list, opens a patient, a lesion, a number, a score, exports now and then.

Only ever asks for pages (GET), and finds its way by the links that it is shown: so it may be let loose on a site that
is in use, where each look is recorded as any other. One thread a reader on the standard library's own client, since
whoever measures shares the processors with what is measured.
"""

import html
import http.client
import random
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

ANSWER_SECONDS = 120
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PATIENT = re.compile(rf'href="(/patients/{UUID}/)"')
LESION = re.compile(rf'"(/lesions/{UUID}/)"')
NUMBER = re.compile(rf'"(/outlines/{UUID}/number\?[^"]*)"')
VISIT = re.compile(rf'"(/patients/{UUID}/visits/[1-9]\d*)"')
SCORE = re.compile(rf'"(/patients/{UUID}/unconfirmed[^"]*)"')
FEATURES = ("original_firstorder_Entropy", "original_glcm_JointEntropy", "original_firstorder_Mean")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Look:
    """One page: of which kind, when it was asked for (monotonic), how long until its last byte (s), and its status."""

    kind: str
    at: float
    seconds: float
    status: int


@dataclass
class Browser:
    """One login at one address, with its cookies."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    looks: list[Look] = field(default_factory=list)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str, str]:
        """Status, text and where it leads of one request on a connection of its own."""
        url = urlsplit(self.address)
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.netloc, timeout=ANSWER_SECONDS)
        own = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        try:
            connection.request(method, path, body, own | headers)
            answer = connection.getresponse()
            text = answer.read()
            for said in answer.headers.get_all("Set-Cookie") or ():
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(said).items()}
            return answer.status, text.decode(errors="replace"), answer.headers.get("Location", "")
        finally:
            connection.close()

    def look(self, kind: str, path: str) -> str:
        """A page, measured; whatever is not answered counts as refused (status 599)."""
        began_at = time.monotonic()
        try:
            status, text, _ = self.ask("GET", path)
        except (OSError, http.client.HTTPException):
            status, text = 599, ""
        self.looks.append(Look(kind, began_at, time.monotonic() - began_at, status))
        return text

    def sign_in(self, login: str, password: str) -> None:
        """As a person does, by the form; an AssertionError where the site does not take it."""
        _, page, _ = self.ask("GET", "/sign-in")
        form = {"login": login, "password": password, "csrfmiddlewaretoken": TOKEN.findall(page)[0]}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"{self.address}/sign-in"}
        status, _, leads_to = self.ask("POST", "/sign-in", urlencode(form), **headers)
        assert status == 302, f"{login} was not signed in: {status}"
        assert "/code" not in leads_to, f"{login} has a second factor, which nobody is here to enter"


@dataclass
class Reader(threading.Thread):
    """Reads until it is over, with pauses of `think` seconds on average."""

    browser: Browser
    think: float
    dice: random.Random
    is_over: threading.Event

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        self.is_over.wait(self.dice.uniform(0, self.think))
        while not self.is_over.is_set():
            for _ in self._a_patient():
                # Most look briefly and some for long, as people do; nobody waits for ever.
                self.is_over.wait(min(self.dice.expovariate(1 / self.think), 8 * self.think) if self.think else 0)
                if self.is_over.is_set():
                    return

    def _a_patient(self) -> Iterator[None]:
        """The list, one patient, two of its lesions with their numbers, and what else belongs to it; a step a page."""
        look = self.browser.look
        patients = PATIENT.findall(look("list", "/patients/"))
        yield
        if not patients:
            return
        patient = self.dice.choice(patients)
        page = look("patient", patient)
        yield
        look("course with features", f"{patient}?{urlencode([('feature', name) for name in FEATURES[:2]])}")
        yield
        for lesion in self._some(LESION.findall(page), 2):
            opened = look("lesion", lesion)
            yield
            for number in self._some(NUMBER.findall(opened) or NUMBER.findall(page), 1):
                look("number", html.unescape(number))
                yield
        for visit in self._some(VISIT.findall(page), 1):
            look("visit", visit)
            yield
        for score in self._some(SCORE.findall(page), 1):
            look("score", html.unescape(score))
            yield
        yield from self._now_and_then(patient)

    def _now_and_then(self, patient: str) -> Iterator[None]:
        drawn = self.dice.random()
        if drawn < 0.10:
            self.browser.look(
                "search", f"/patients/?{urlencode({'search': self.dice.choice(('Pem', 'SYN-00', '12'))})}"
            )
            yield
        elif drawn < 0.20:
            self.browser.look("export", f"{patient}export.csv")
            yield
        elif drawn < 0.25:
            self.browser.look("responses", f"{patient}responses.csv")
            yield
        elif drawn < 0.30:
            self.browser.look("due list", "/due/")
            yield

    def _some(self, found: list[str], most: int) -> list[str]:
        known = list(dict.fromkeys(found))
        return self.dice.sample(known, min(most, len(known)))
