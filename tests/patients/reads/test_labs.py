from datetime import date

import pytest
from django.utils import timezone

from patients.labs.words import Analyte, BiopsyResult, Bound, EventKind, SymptomCause
from patients.models import LabResult
from patients.reads.labs import events_of, labs_of
from patients.reads.timelines import patient_timeline
from tests.factories import ClinicalEventFactory, LabResultFactory, PatientFactory

pytestmark = pytest.mark.django_db


def test_results_in_force_in_the_order_of_days_with_what_they_give():
    patient = PatientFactory.create(tumour="melanoma")
    LabResultFactory.create(patient=patient, taken_on=date(2024, 2, 1), analyte=Analyte.NEUTROPHILS, value=6.0)
    LabResultFactory.create(patient=patient, taken_on=date(2024, 2, 1), analyte=Analyte.LYMPHOCYTES, value=1.5)
    LabResultFactory.create(patient=patient)
    gone = LabResultFactory.create(patient=patient)
    LabResult.objects.filter(pk=gone.pk).update(superseded_at=timezone.now())
    LabResultFactory.create()
    timeline = patient_timeline(patient.pk)
    assert [lab.name for lab in timeline.labs] == ["LDH", "Neutrophils", "Lymphocytes", "NLR"]
    assert (timeline.labs[0].limit_ratio, timeline.labs[-1].value, timeline.tumour) == (1.1, 4.0, "melanoma")


def test_a_result_says_what_was_typed():
    row = LabResultFactory.create(
        value=7.0, unit="µkat/L", canonical_value=420.0, canonical_unit="U/L", bound=Bound.BELOW
    )
    (lab,) = labs_of(row.patient_id)
    assert (lab.entered, lab.value, lab.unit, lab.is_undetectable) == ("<7 µkat/L", 420.0, "U/L", True)


def test_events_carry_the_word_of_their_kind():
    row = ClinicalEventFactory.create(kind=EventKind.BIOPSY, grade=None, detail="NO_TUMOUR")
    ClinicalEventFactory.create(patient=row.patient, kind=EventKind.SYMPTOM, grade=2, detail="TUMOUR", text="pain")
    ClinicalEventFactory.create(patient=row.patient)
    assert [event.detail for event in events_of(row.patient_id)] == [BiopsyResult.NO_TUMOUR, SymptomCause.TUMOUR, None]
