"""What must come of each kind, read from the tables, and how an answer is held against it."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from tests.corpus import archives, dicom_files, masks, series
from tests.corpus.drawn import KINDS, VARIANTS, Draw

HERE = Path(__file__).parent
ROWS = range(1, 98)
ROOMS = (archives, dicom_files, series, masks)
WHAT_TO_DO = re.compile(
    r"\b([Ss]end|[Cc]hoose|[Cc]onfirm|Enter|Export|Copy|Check|Pack|pack|Outline|Correct|Leave|"
    r"Save|Rename|Remove|Use|Unpack|Say|Draw) "
)
# What no sentence may repeat: words of the headers, names of files and of the server's folders, and traces.
SECRETS = ("SYN-", "Synthetic", "scaped", "2.25.", "/tmp", "/etc", "staging", "blobs", "Traceback", ".dcm", "passwd")
# What may be said beside the answer that is expected, since the same damage shows twice.
BESIDE = {"Q_SOP_CONFLICT", "E_DUP_POSITION", "Q_INCOMPLETE", "E_NO_SCAN"}
# What a new patient is asked in any case, and what a single-file image does not say.
ASKED = {"Q_NEW_PATIENT", "Q_MODALITY"}


@dataclass(frozen=True, slots=True)
class Expected:
    """One kind: its row in the table of bad input, and how many scans and outlines of it can be filed."""

    row: int
    kind: str
    code: str
    scans: int
    outlines: int

    def differs(self, codes: set[str], notes: set[str], scans: int, outlines: int) -> str:
        """What is not as expected, in words; nothing where all is."""
        told = f"{sorted(codes)} {sorted(notes)}, {scans} scans, {outlines} outlines"
        is_note = self.code.startswith("W_")
        wanted = set() if is_note or not self.code else {self.code}
        if codes - BESIDE - wanted or not wanted <= codes or (is_note and self.code not in notes):
            return f"expected {self.code or 'acceptance'}, got {told}"
        if (scans, outlines) != (self.scans, self.outlines):
            return f"expected {self.scans} scans and {self.outlines} outlines, got {told}"
        return ""


def expected() -> dict[str, Expected]:
    """The table of the corpus by kind."""
    with (HERE / "expected.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = [
        Expected(int(row["row"]), row["kind"], row["code"], int(row["scans"]), int(row["outlines"])) for row in rows
    ]
    return {each.kind: each for each in found}


def elsewhere() -> dict[int, list[str]]:
    """Tests that show a row which is no file, by row."""
    found: dict[int, list[str]] = {}
    with (HERE / "elsewhere.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(int(row["row"]), []).append(row["test"])
    return found


def written(root: Path, variants: int = VARIANTS, first: int = 0) -> dict[tuple[str, int], Path]:
    """Every kind in this many variants, the first of all kinds before the second of any."""
    folders = {}
    for variant in range(first, first + variants):
        for name, write in KINDS.items():
            folder = root / f"{name}-{variant}"
            write(Draw(name, variant, folder))
            folders[name, variant] = folder
    return folders


def says_too_much(sentences: list[str], root: Path) -> list[str]:
    """Sentences that give something away, or do not say what to do."""
    return [
        sentence
        for sentence in sentences
        if any(word in sentence for word in (*SECRETS, str(root))) or not WHAT_TO_DO.search(sentence)
    ]
