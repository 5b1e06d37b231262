"""`manage.py assess_response`: each expected and obtained value, and an exit status that tells; no database."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
CASE = {
    "id": "R01",
    "title": "exactly 30 % less",
    "baseline": {"date": "2024-01-01", "targets": [["T1", "liver", False, 100]]},
    "visits": [{"date": "2024-02-26", "targets": {"T1": 70}}],
    "expect": {"target": ["PR"], "sum": [70]},
}
WRONG = {**CASE, "id": "R02", "expect": {"target": ["SD"]}}


def assess(path, *words: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("assess_response", str(path), *words, stdout=out, stderr=io.StringIO())
    except SystemExit as ended:
        return out.getvalue(), int(ended.code)
    return out.getvalue(), 0


@pytest.fixture
def case_file(tmp_path):
    def write(document):
        path = tmp_path / "cases.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return write


@pytest.mark.parametrize(
    "name, count",
    [
        *[("recist11_vectors", 101), ("irecist_vectors", 74), ("irecist_ibor_table3", 8)],
        *[("decision_tables", 67), ("edges", 5)],
    ],
)
def test_every_vector_and_every_row_of_the_tables_agrees(name, count):
    out, status = assess(GOLDEN / f"{name}.json")
    assert (out.splitlines()[-1], status) == (f"{count} of {count} cases agree", 0)


def test_a_case_that_agrees(case_file):
    out, status = assess(case_file([CASE]))
    assert out.splitlines() == [
        "R01: agrees  exactly 30 % less",
        *("  target", '    expected ["PR"]', '    obtained ["PR"]'),
        *("  sum", "    expected [70]", "    obtained [70]"),
        "1 of 1 cases agree",
    ]
    assert status == 0


def test_one_that_differs_is_shown_and_ends_in_status_one(case_file):
    out, status = assess(case_file([CASE, WRONG]))
    assert '    obtained ["PR"]   <- differs' in out.splitlines()
    assert (out.splitlines()[-1], status) == ("1 of 2 cases agree", 1)


def test_as_json(case_file):
    out, status = assess(case_file([CASE, WRONG, {"id": "X"}]), "--json")
    right, wrong, none = json.loads(out)
    assert right["answers"]["sum"] == {"expected": [70], "obtained": [70], "agrees": True}
    assert (wrong["is_met"], wrong["answers"]["target"]["obtained"]) == (False, ["PR"])
    assert (none["code"], status) == ("E_CASE", 1)


def test_a_case_that_cannot_be_read_fails_the_file(case_file):
    out, status = assess(case_file([CASE, {**CASE, "visits": [{"date": "soon"}]}]))
    assert "R01: E_CASE" in out
    assert status == 1


def test_nothing_to_run_is_no_success(case_file):
    assert assess(case_file([])) == ("0 of 0 cases agree\n", 1)


def test_decision_tables(case_file):
    rows = [["YES", "PD"], ["NO|EQ", "NED"], ["NE", "NE"]]
    out, status = assess(case_file({"recist11_overall_no_disease_at_baseline": {"inputs": ["new"], "rows": rows}}))
    assert (out.splitlines()[-1], status) == ("3 of 3 cases agree", 0)


def test_a_decision_table_with_a_gap(case_file):
    table = {"inputs": ["new"], "rows": [["YES", "PD"]]}
    out, status = assess(case_file({"recist11_overall_no_disease_at_baseline": table}))
    assert "E_CASE" in out
    assert status == 1


@pytest.mark.parametrize("content, words", [("{", "is not JSON"), ("3", "neither a list of cases"), ("\xff", "JSON")])
def test_a_file_that_holds_no_cases(case_file, content, words):
    with pytest.raises(CommandError, match=words):
        assess(case_file(content))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        assess(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    ("name", "case", "key", "wrong"),
    [
        ("recist11_vectors", "R53", "cbor", "SD"),
        ("irecist_vectors", "I02", "tp", ["iUPD"]),
        ("irecist_ibor_table3", None, "ibor", "NE"),
    ],
)
def test_a_broken_copy_ends_in_status_one_and_names_the_case(case_file, name, case, key, wrong):
    cases = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    broken = next(one for one in cases if case in (None, one["id"]))
    broken.get("expect", broken)[key] = wrong
    out, status = assess(case_file(cases))
    differing = [line.split(":")[0] for line in out.splitlines() if ": DIFFERS" in line]
    assert (differing, status) == ([broken["id"]], 1)
    assert out.splitlines()[-1] == f"{len(cases) - 1} of {len(cases)} cases agree"


def test_a_broken_decision_table_names_the_row(case_file):
    tables = json.loads((GOLDEN / "decision_tables.json").read_text(encoding="utf-8"))
    tables["recist11_overall_with_targets"]["rows"][0][-1] = "SD"
    out, status = assess(case_file(tables))
    assert "recist11_overall_with_targets 1: DIFFERS" in out
    assert status == 1
