from datetime import date

import pytest

from patients.lab_tables.happenings import EventSaid, checked_event
from patients.labs.words import EventKind

TODAY = date(2024, 6, 30)
ON = date(2024, 1, 31)
DAY = {"date": "2024-01-31"}


@pytest.mark.parametrize(
    "texts, said",
    [
        ({"kind": "ECOG", "grade": "1"}, EventSaid(EventKind.ECOG, ON, grade=1)),
        ({"kind": "steroid", "dose_mg": "40", "end": "2024-02-20"},
         EventSaid(EventKind.STEROID, ON, date(2024, 2, 20), value=40.0)),
        ({"kind": "IRAE", "grade": "3", "detail": "colon"}, EventSaid(EventKind.IRAE, ON, grade=3, detail="COLON")),
        ({"kind": "BIOPSY", "detail": "no tumour", "lesion": "liver 1"},
         EventSaid(EventKind.BIOPSY, ON, detail="NO_TUMOUR", lesion="liver 1")),
        ({"kind": "SYMPTOM", "grade": "2", "detail": "TUMOUR", "text": "pain"},
         EventSaid(EventKind.SYMPTOM, ON, grade=2, detail="TUMOUR", text="pain")),
        ({"kind": "DEATH", "detail": "DISEASE"}, EventSaid(EventKind.DEATH, ON, detail="DISEASE")),
        ({"kind": "ADJUDICATED_OUTCOME", "detail": "TRUE_PD", "reader_1": "A", "reader_2": "B"},
         EventSaid(EventKind.ADJUDICATED_OUTCOME, ON, detail="TRUE_PD", reader_one="A", reader_two="B")),
        ({"kind": "LOST"}, EventSaid(EventKind.LOST, ON)),
    ],
)  # fmt: skip
def test_every_kind_with_the_fields_it_needs(texts, said):
    assert checked_event(DAY | texts, TODAY) == (said, ())


@pytest.mark.parametrize(
    "texts, field, words",
    [
        ({"kind": "SNEEZE"}, "kind", "Known are ECOG"),
        ({"kind": ""}, "kind", "Say what happened"),
        ({"kind": "ECOG"}, "grade", "ECOG 0 to 4"),
        ({"kind": "ECOG", "grade": "5"}, "grade", "ECOG 0 to 4"),
        ({"kind": "IRAE", "grade": "0", "detail": "COLON"}, "grade", "CTCAE 1 to 5"),
        ({"kind": "IRAE", "grade": "2"}, "detail", "Choose one of: COLON"),
        ({"kind": "STEROID"}, "dose_mg", "prednisone"),
        ({"kind": "STEROID", "dose_mg": "-1"}, "dose_mg", "negative"),
        ({"kind": "LOST", "grade": "1"}, "grade", "does not go with"),
        ({"kind": "LOST", "lesion": "liver 1"}, "lesion", "does not go with"),
        ({"kind": "STEROID", "dose_mg": "5", "end": "2024-01-30"}, "end", "before the start"),
        ({"kind": "ECOG", "grade": "1", "end": "2024-02-01"}, "end", "of one day"),
        ({"kind": "SYMPTOM", "grade": "1", "detail": "TUMOUR"}, "text", "few words"),
        ({"kind": "ADJUDICATED_OUTCOME", "detail": "TRUE_PD", "reader_1": "A", "reader_2": "a"}, "reader_2",
         "two people"),
        ({"kind": "ADJUDICATED_OUTCOME", "detail": "TRUE_PD", "reader_1": "A"}, "reader_2", "Two readers"),
        ({"kind": "LOST", "date": "2024-07-01"}, "date", "today"),
        ({"kind": "LOST", "date": "1989-07-01"}, "date", "before the birth"),
    ],
)  # fmt: skip
def test_each_slip_is_told_in_its_field(texts, field, words):
    said, problems = checked_event(DAY | texts, TODAY, 1990)
    assert said is None
    assert words in {problem.field: problem.sentence for problem in problems}[field]
