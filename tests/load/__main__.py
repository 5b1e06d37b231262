"""What the pages take of one reader alone, and of many while scans arrive and are measured.

.venv/bin/python -m tests.load                                   # a site of its own, 500 patients; about 8 minutes
.venv/bin/python -m tests.load --address https://… --login NAME  # only reading, on a site in use; asks for the password
"""

import argparse
import getpass
import os
import random
import sys
import threading
import time
from pathlib import Path

from monitoring import processes
from tests.load.figures import broken, missed, spreads, table
from tests.load.readers import Browser, Look, Reader
from tests.load.site import LoadSite, running_site
from tests.load.work import Uploads, full_site


def options_of(words: list[str] | None = None) -> argparse.Namespace:
    """What a run is told."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=500)
    parser.add_argument("--scans", type=int, default=8, help="of each patient")
    parser.add_argument("--lesions", type=int, default=3, help="of each patient, outlined on every scan")
    parser.add_argument("--profile", default="ct", help="features of an outline: ct (107) or ct-full (1,316)")
    parser.add_argument("--concluded", type=int, help="patients that are read and concluded; default: all")
    parser.add_argument("--readers", type=int, default=25)
    parser.add_argument("--uploaders", type=int, default=2)
    parser.add_argument("--uploads", type=int, default=12, help="scans that are sent in all")
    parser.add_argument("--think", type=float, default=5.0, help="mean seconds between a reader's pages")
    parser.add_argument("--idle", type=float, default=60, help="seconds of one reader alone")
    parser.add_argument("--loaded", type=float, default=150, help="seconds of all of them")
    parser.add_argument("--settle", type=float, default=10, help="seconds at the start of each that do not count")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--address", help="a site in use: nothing is built, nothing is sent, pages are read")
    parser.add_argument("--login", help="there; the password is asked for, or stands in DELTARAD_LOAD_PASSWORD")
    return parser.parse_args(words)


def tell(words: str) -> None:
    """A line, at once."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def read(browsers: list[Browser], seconds: float, options: argparse.Namespace, think: float) -> list[Look]:
    """What these readers saw in so many seconds, without the first few."""
    is_over = threading.Event()
    dice = [random.Random(f"{options.seed} {number}") for number, _ in enumerate(browsers)]
    threads = [Reader(one, think, own, is_over) for one, own in zip(browsers, dice, strict=True)]
    for thread in threads:
        thread.browser.looks.clear()
        thread.start()
    began_at = time.monotonic()
    time.sleep(seconds)
    is_over.set()
    for thread in threads:
        thread.join(60)
    return [look for one in browsers for look in one.looks if look.at > began_at + options.settle]


def signed_in(address: str, names: list[str], password: str) -> list[Browser]:
    """A browser for each login, before anything is measured."""
    browsers = [Browser(address) for _ in names]
    for browser, name in zip(browsers, names, strict=True):
        browser.sign_in(name, password)
    return browsers


def verdict(idle: list[Look], loaded: list[Look]) -> list[str]:
    """Tell the table; what is not as it should be, in words."""
    alone, together = spreads(idle), spreads(loaded)
    tell(table(alone, together))
    wrong = broken([*idle, *loaded])
    tell(
        f"not shown: {len(wrong)} of {len(idle) + len(loaded)}, of these errors of the server (5xx): "
        f"{sum(one.startswith('5') for one in wrong)}"
    )
    found = [
        f"{kind}: {said}" for kind in ("patient", "list") for said in missed(kind, alone.get(kind), together.get(kind))
    ]
    return found + sorted(set(wrong))


def elsewhere(options: argparse.Namespace) -> list[str]:
    """Reading alone, on a site in use, by one login: first one of it, then as many as were asked for."""
    password = os.environ.get("DELTARAD_LOAD_PASSWORD") or getpass.getpass(f"Password of {options.login}: ")
    address = options.address.rstrip("/")
    browsers = signed_in(address, [options.login] * options.readers, password)
    idle = read(browsers[:1], options.idle, options, think=0.2)
    return verdict(idle, read(browsers, options.loaded, options, options.think))


def here(options: argparse.Namespace, folder: Path) -> list[str]:
    """All of it, on a site of its own."""
    with running_site(folder) as site:
        people = full_site(site, options, tell)
        browsers = signed_in(site.address, people["readers"], people["password"][0])
        uploads = Uploads(site, folder, people, options)
        tell(f"{time.strftime('%H:%M:%S')} one reader, nothing else")
        idle = read(browsers[:1], options.idle, options, think=0.2)
        tell(
            f"{time.strftime('%H:%M:%S')} {options.readers} readers, {options.uploaders} uploaders, the workers extract"
        )
        loaded = under_load(site, uploads, browsers, options)
        found = verdict(idle, loaded)
        found += uploads.settled(tell)
        checked = site.manage("check_invariants")
        tell(f"invariants: {(checked.stdout or checked.stderr).strip().splitlines()[-1]}")
        return found + ([f"invariants: {checked.stdout[-500:]}"] if checked.returncode else [])


def under_load(site: LoadSite, uploads: Uploads, browsers: list[Browser], options: argparse.Namespace) -> list[Look]:
    """Readers and uploaders at once; who used the processors is told."""
    before, own_s, began_at = site.used(), time.process_time(), time.monotonic()
    uploads.start()
    looks = read(browsers, options.loaded, options, options.think)
    seconds = time.monotonic() - began_at
    used = {part: after - before.get(part, 0.0) for part, after in site.used().items()}
    used["this harness"] = time.process_time() - own_s
    cores = len(os.sched_getaffinity(0))
    told = ", ".join(f"{part} {100 * took / seconds / cores:.0f} %" for part, took in sorted(used.items()))
    tell(f"{len(looks) / max(1.0, seconds - options.settle):.1f} pages a second; of {cores} processors: {told}")
    return looks


def main(words: list[str] | None = None) -> int:
    """Exit status 0 only where every bar is met."""
    options = options_of(words)
    options.concluded = options.patients if options.concluded is None else options.concluded
    began_at = time.monotonic()
    if options.address:
        found = elsewhere(options)
    else:
        with processes.temporary_folder() as folder:
            found = here(options, folder)
    tell(
        f"{time.strftime('%d %B %Y')}, {(time.monotonic() - began_at) / 60:.1f} min: "
        f"{'every bar is met' if not found else '; '.join(found)}"
    )
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
