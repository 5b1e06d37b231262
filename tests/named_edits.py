"""Small wrong edits of the criteria, each with its name: every one must be noticed by the written cases or doctests."""

from dataclasses import dataclass

PROTOCOL, SUMS = "criteria/protocol.py", "criteria/sums.py"
TABLES, AFTER_CR = "criteria/rules/tables.json", "criteria/rules/after_cr.py"
BACK, PAIRS = "criteria/rules/backdating.py", "criteria/rules/confirmation.py"
SEEN, NEW = "criteria/irecist/seen.py", "criteria/irecist/new_lesions.py"
OPEN, ADVANCE = "criteria/irecist/open_table.py", "criteria/irecist/advance.py"


@dataclass(frozen=True)
class Edit:
    """One edit of a file of radiomics_tasks/analysis; `old` stands there exactly once."""

    name: str
    file: str
    old: str
    new: str


def _setting(name: str, setting: str, old: str, new: str) -> Edit:
    kind = "Decimal = Decimal({})" if setting.endswith(("_mm", "_percent")) else "int = {}"
    written = f"{setting}: {kind}"
    return Edit(name, PROTOCOL, written.format(old), written.format(new))


SETTINGS = [
    _setting("20 % -> 19 %", "progression_percent", "20", "19"),
    _setting("20 % -> 21 %", "progression_percent", "20", "21"),
    _setting("5 mm -> 4 mm", "progression_mm", "5", "4"),
    _setting("30 % -> 29 %", "response_percent", "30", "29"),
    _setting("30 % -> 31 %", "response_percent", "30", "31"),
    _setting("node 10 mm -> 11 mm", "normal_node_mm", "10", "11"),
    _setting("node 15 mm -> 14 mm", "target_node_mm", "15", "14"),
    _setting("too small counts 0 mm", "too_small_mm", "5", "0"),
    _setting("confirmed after 27 days", "confirm_days", "28", "27"),
    _setting("confirmed after 29 days", "confirm_days", "28", "29"),
    _setting("SD from 41 days", "min_sd_days", "42", "41"),
    _setting("SD from 43 days", "min_sd_days", "42", "43"),
    _setting("two NE between", "max_ne", "1", "2"),
    _setting("iUPD confirmed from day 28, not 26", "confirm_tolerance_days", "2", "0"),
    _setting("iUPD confirmed from day 25, not 26", "confirm_from_days", "28", "27"),
    _setting("late after 57 days", "confirm_until_days", "56", "55"),
    _setting("new lesion grown by 3 mm", "nl_increase_mm", "2", "3"),
    Edit("noise of the sum 12.4 %", PROTOCOL, 'Decimal("12.5")', 'Decimal("12.4")'),
]
RECIST = [
    Edit("5 mm: >= -> >", SUMS, "growth_mm >= protocol.progression_mm", "growth_mm > protocol.progression_mm"),
    Edit("20 %: >= -> >", SUMS, "growth_mm * 100 >= ", "growth_mm * 100 > "),
    Edit("30 %: >= -> >", SUMS, "(baseline_mm - sum_mm) * 100 >= ", "(baseline_mm - sum_mm) * 100 > "),
    Edit("5 mm or 20 %", SUMS, "progression_mm and growth_mm", "progression_mm or growth_mm"),
    Edit("baseline for nadir", SUMS, "if nadir is not None and added.sum_mm", "if nadir is None and added.sum_mm"),
    Edit("last for nadir", SUMS, " and added.sum_mm < nadir.sum_mm:", ":"),
    Edit("node of 10 mm is gone", SUMS, "size_mm < protocol.normal_node_mm", "size_mm <= protocol.normal_node_mm"),
    Edit("missing target counts 0 mm", SUMS, "partial_mm if is_complete else None", "partial_mm"),
    Edit(
        "known part never progresses",
        SUMS,
        "        if is_worse:\n            return",
        "        if False:\n            return",
    ),
    Edit(
        "sum in binary",
        SUMS,
        "sum((size for _, size in sizes), Decimal(0))",
        "Decimal(sum(float(s) for _, s in sizes))",
    ),
    Edit(
        "written size in binary",
        "conformance/recist_cases.py",
        "return TargetSeen(key, Decimal(repr(written))",
        "return TargetSeen(key, Decimal(written)",
    ),
    Edit("measured size in binary", "response/judged.py", "Decimal(repr(float(size_mm)))", "Decimal(float(size_mm))"),
    Edit("merged pair is gone", SUMS, "self.are_gone and self.are_merged and not", "not self.are_gone and not"),
    Edit(
        "CR beside other disease",
        TABLES,
        '"when": ["CR", "NCNP", "NO|EQ"], "then": "PR"',
        '"when": ["CR", "NCNP", "NO|EQ"], "then": "CR"',
    ),
    Edit("new lesion overlooked", TABLES, '["*", "*", "YES"], "then": "PD"', '["*", "*", "YES"], "then": "SD"'),
    Edit("equivocal is new", TABLES, '"when": ["*", "*", "YES"]', '"when": ["*", "*", "YES|EQ"]'),
    Edit(
        "node of 15 mm doubtful",
        AFTER_CR,
        "seen.size_mm < protocol.target_node_mm",
        "seen.size_mm <= protocol.target_node_mm",
    ),
    Edit("unevaluated after CR", AFTER_CR, "not_evaluated if non_target is NonTarget.NE else None", "None"),
    Edit(
        "resolved is confirmed",
        BACK,
        "visit.equivocal_resolved or finding.is_new_confirmed",
        "finding.is_new_confirmed",
    ),
    Edit("never back-dated", BACK, "if earlier >= since and", "if earlier > number and"),
    Edit("28 days: < -> <=", PAIRS, "days < protocol.confirm_days", "days <= protocol.confirm_days"),
    Edit("PR after CR confirms", PAIRS, "holds = not _falls_back([*between, other.category])", "holds = True"),
    Edit("PR for ever", PAIRS, "is_standing = is_standing and called.category is not PD", "pass"),
    Edit("42 days: >= -> >", "criteria/best.py", "days >= protocol.min_sd_days", "days > protocol.min_sd_days"),
    Edit("counted after PD", "criteria/best.py", "        if result.called.category is PD:\n            break\n", ""),
]
IRECIST = [
    Edit("driver T not asked", OPEN, "TARGET in drivers and seen.target is PD and", "TARGET in drivers and"),
    Edit("driver NT not asked", OPEN, "seen.non_target is NonTarget.PD and is_non_target_worse", "is_non_target_worse"),
    Edit(
        "driver NL not asked", OPEN, "self._is_new_progressive() and self._has_new_growth()", "self._has_new_growth()"
    ),
    Edit("no entry read as absent", NEW, " | frozenset(missing)", ""),
    Edit("NE read as absent", NEW, "frozenset(s.key for s in stated if s.state is SizeState.NOT_EVALUABLE) | ", ""),
    Edit("NE resets", OPEN, "if self.seen.has_unknown:", "if False:"),
    Edit(
        "baseline for nadir, iRECIST",
        SEEN,
        "has_progressed(known_mm, memory.nadir_mm,",
        "has_progressed(known_mm, memory.baseline_mm,",
    ),
    Edit(
        "growth since the opening",
        OPEN,
        "self.seen.known_mm - self.block.least_mm",
        "self.seen.known_mm - (self.block.sum_mm or 0)",
    ),
    Edit("confirmed by 5 mm: >= -> >", OPEN, ">= self.protocol.progression_mm:\n", "> self.protocol.progression_mm:\n"),
    Edit("confirmed by any growth", OPEN, "self._growth_mm() >= self.protocol.progression_mm", "self._growth_mm() > 0"),
    Edit("26 days: < -> <=", OPEN, "return days < protocol", "return days <= protocol"),
    Edit("symptom alone confirms", OPEN, "self.seen.visit.is_for_symptom and fresh", "self.seen.visit.is_for_symptom"),
    Edit("58 days: > -> >=", OPEN, "self.days > late_after", "self.days >= late_after"),
    Edit("bar never reset", OPEN, "Step.RESETS, (BAR_RESET,)", "Step.KEEPS, (BAR_RESET,)"),
    Edit(
        "new lesions better or not",
        OPEN,
        "(self.seen.new.has_grown or not self._is_better())",
        "self.seen.new.has_grown",
    ),
    Edit("resolved driver unsaid", OPEN, "if not self._is_resolved():", "if True:"),
    Edit("re-opened after iCPD", "criteria/immune.py", "    if memory.is_over:\n", "    if False:\n"),
    Edit("iCR beside a new lesion", SEEN, "NonTarget.NA} and not has_new", "NonTarget.NA}"),
    Edit("early new lesion swallowed", ADVANCE, "seen.new.fresh} | dict(known.first_seen)", "seen.new.fresh}"),
    Edit("early visit counts", ADVANCE, "if call.step is Step.DISREGARDS:", "if False:"),
    Edit("noise: > -> >=", ADVANCE, "100 > protocol.sum_mdc", "100 >= protocol.sum_mdc"),
    Edit("other new lesions compared", NEW, "earlier is not None and earlier.keys == self.keys", "earlier is not None"),
    Edit("flips by 1 mm", "response/flips.py", 'STEP_MM = Decimal("0.1")', 'STEP_MM = Decimal("1")'),
]
EDITS = SETTINGS + RECIST + IRECIST
