"""Rows that go to the table by COPY are to the bit those that an INSERT would have made, and their digest tells."""

import math
import struct

import pytest
from django.db import IntegrityError, models

from patients.models import ChangeNoise, FeatureDelta, LesionPair, PatientDelta
from patients.reads.timelines import patient_timeline
from patients.words.noise_words import NoBand, NoiseSource, NoiseVerdict
from patients.writes.copied import copy_rows, digest_of_said, said_by
from patients.writes.findings import replace_findings, rows_of
from radiomics_tasks.analysis.conclude import conclude
from radiomics_tasks.recomputing.conclusions import concluded_again
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db
ODD = [-0.0, 0.0, None, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, math.inf, -1.5]


def copied(row: ChangeNoise) -> ChangeNoise:
    said = said_by(row)
    copy_rows(ChangeNoise, row.patient_id, [(said, digest_of_said(said))])
    return ChangeNoise.objects.latest("pk")


def plainly(row: models.Model) -> dict[str, object]:
    """Every column but the number and the digest, doubles as their bits."""

    def bits(value: object) -> object:
        if isinstance(value, list):
            return [bits(one) for one in value]
        return struct.pack("<d", value) if isinstance(value, float) else value

    left_out = {"id", "inputs_digest"}
    fields = row._meta.concrete_fields
    return {one.attname: bits(getattr(row, one.attname)) for one in fields if one.attname not in left_out}


def noise(patient, **told) -> ChangeNoise:
    lesion = patient.lesions.get()
    numbers = dict.fromkeys(("change", "z", "p", "q", "mdc", "upper_mdc", "limit"), ODD)
    flags = {"is_log": [True, False], "is_without_volume": []}
    words = {
        "verdicts": [NoiseVerdict.INSIDE, NoiseVerdict.UNKNOWN],
        "sources": [None, NoiseSource.SITE_PAIRS],
        "missing": [NoBand.NO_SPREAD, None],
    }
    visit = patient.timepoints.latest("pk")
    of = {"patient": patient, "lesion": lesion, "timepoint": visit, "reference": "BASELINE", "order": 7}
    return ChangeNoise(**of | numbers | flags | words | told)


def test_odd_numbers_words_flags_and_empty_arrays_come_out_as_from_an_insert():
    patient = followed([30.0, 20.0])
    there = copied(noise(patient))
    inserted = noise(patient, order=8)
    inserted.save()
    inserted.refresh_from_db()
    assert plainly(there) | {"order": 8} == plainly(inserted)
    assert (there.order, there.feature_set_id, len(there.inputs_digest)) == (7, None, 64)
    assert there.missing == ["NO_SPREAD", None]


def test_whole_findings_are_stored_as_an_insert_would():
    patient = followed([30.0, 20.0, 41.5], [12.0, 11.0, 10.0])
    findings = conclude(patient_timeline(patient.pk))
    replace_findings(findings)
    for model in (FeatureDelta, ChangeNoise, PatientDelta):
        rows = model._default_manager.order_by("pk")
        there = [plainly(row) for row in rows]
        rows.delete()
        for row in rows_of(findings):
            if isinstance(row, model):
                row.save(force_insert=True)
        assert there
        assert there == [plainly(row) for row in rows.all()]


def test_the_digest_tells_no_value_from_zero_and_the_signs_of_zero_apart():
    patient = followed([30.0, 20.0])
    said = [said_by(noise(patient, z=[one])) for one in (0.0, -0.0, None, 5e-324)]
    said.append(said_by(noise(patient, z=[0.0], p=[])))
    assert len(set(map(digest_of_said, said))) == 5
    assert digest_of_said(said[0]) == digest_of_said(said_by(noise(patient, z=[0.0])))


def test_the_rules_of_the_table_hold_for_copied_rows():
    row = noise(followed([30.0, 20.0]))
    copied(row)
    with pytest.raises(IntegrityError, match="one_noise_a_comparison"):
        copied(row)


def test_a_kind_of_column_that_was_never_copied_is_refused_by_name():
    class Dated(models.Model):
        seen_on = models.DateField()

        class Meta:
            app_label = "tests"

        def __str__(self) -> str:
            return "never copied"

    with pytest.raises(TypeError, match="seen_on"):
        said_by(Dated())


def test_a_row_with_a_digest_of_another_kind_raises_no_alarm_and_is_written_once():
    patient = followed([30.0, 20.0, 41.5])
    findings = conclude(patient_timeline(patient.pk))
    replace_findings(findings)
    for model in (FeatureDelta, ChangeNoise, PatientDelta, LesionPair):
        model.objects.update(inputs_digest="0" * 64)
    assert list(concluded_again(patient.pk).differences()) == []
    replace_findings(findings)
    before = {model: list(model.objects.values_list("pk", "inputs_digest")) for model in (FeatureDelta, ChangeNoise)}
    replace_findings(findings)
    for model, rows in before.items():
        assert list(model.objects.values_list("pk", "inputs_digest")) == rows
        assert all(digest != "0" * 64 for _, digest in rows)
