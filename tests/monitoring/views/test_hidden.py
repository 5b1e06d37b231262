"""The page and the banner of hidden numbers, and the page of the patient with it."""

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from monitoring.views.identity.withholding import HidingForm
from patients.reads.identity.withheld import ever_hidden, hidden_now
from patients.words.identity_words import WithheldWhy
from patients.writes.identity.withholding import withhold
from tests.patients.rows import followed

pytestmark = pytest.mark.django_db


def test_it_is_said_what_is_hidden_and_why(owner):
    patient = followed([50.0, 40.0])
    withhold(WithheldWhy.INVESTIGATION, patient.scans.first(), "Whose is it?", owner)
    said = {"patient": patient, "withheld": hidden_now(patient.pk), "rows": ever_hidden(patient.pk)}
    banner = render_to_string("fragments/hidden.html", said)
    assert "Under investigation: the CT of 8 Jan 2024 with every number derived from it" in " ".join(banner.split())
    said |= {"form": HidingForm(patient)}
    page = render_to_string("pages/hidden.html", said, RequestFactory().get("/"))
    assert "Whose is it?" in page
