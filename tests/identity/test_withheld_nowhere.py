"""The numbers of a hidden scan are on no page and in no export, whoever asks: every address is asked for them."""

import logging
import re
from collections.abc import Iterator

import pytest
from django.test import Client

from monitoring.security.policy import policies
from patients.files import Storage
from patients.models import Adjudication, Measurement, Reading
from patients.vocabulary import Role
from patients.words.identity_words import WithheldWhy
from patients.writes.identity.withholding import lift, withhold
from tests.access.world import World, holding
from tests.comparing import concluded
from tests.factories import TeamFactory, login, signed_reading

pytestmark = pytest.mark.django_db

# What nothing else on a page can be: as outlined, as typed by a reader, and as a sum or change of them.
OUTLINED = {"longest_diameter_mm": 73.19, "short_axis_mm": 61.37, "volume_ml": 187.53}
TYPED = 83.61
SHOWN = re.compile(r"(?<![\d.])(73\.(?:19|2)|61\.(?:37|4)|187\.(?:53|5)|83\.(?:61|6))(?!\d)")


@pytest.fixture
def world(tmp_path, settings) -> Iterator[World]:
    settings.DATA_DIR = tmp_path / "data"
    logging.disable(logging.WARNING)
    ours = holding(Storage(tmp_path / "data"))
    scan = last_scan(ours)
    Measurement.objects.filter(segmentation__scan=scan).update(**OUTLINED)
    lesion = ours.patient.lesions.order_by("pk")[0]
    readings = [signed_reading(scan.timepoint, login(ours.team, Role.READER), {lesion: TYPED}) for _ in range(2)]
    Adjudication.objects.create(timepoint=scan.timepoint, reading=readings[0], why="The first counts.")
    concluded(ours.patient)
    yield World(ours, ours, None, None, TeamFactory.create())
    logging.disable(logging.NOTSET)


def last_scan(of):
    return of.patient.scans.order_by("acquired_on").last()


def people(of) -> dict[str, Client]:
    """A login of each clinical role, and both readers who signed the visit."""
    users = {role.value: login(of.team, role) for role in Role}
    signed = Reading.objects.filter(timepoint=last_scan(of).timepoint, reader__isnull=False).order_by("pk")
    users |= {f"signed {row.pk}": row.reader for row in signed}
    clients = {name: Client() for name in users}
    for name, client in clients.items():
        client.force_login(users[name])
    return clients


def told(world: World, clients: dict[str, Client]) -> set[tuple[str, str]]:
    """Every address, by whom, where one of the numbers stands."""
    return {
        (name, who)
        for name, address in addresses(world)
        for who, client in clients.items()
        if SHOWN.search(content(client.get(address)))
    }


def addresses(world: World) -> list[tuple[str, str]]:
    """Every address that can be looked at, and those of outlines for each outline of the scan."""
    found, codes = [], world.ours.codes
    for policy in policies().values():
        if policy.is_open or policy.name.startswith(("admin:", "model")) or "GET" not in policy.methods:
            continue
        found.append((policy.name, world.address(policy.name, policy.row, world.ours)))
        for outline in last_scan(world.ours).segmentations.all() if policy.row == "outline" else ():
            world.ours.codes = {**codes, "outline": outline.code}
            found.append((policy.name, world.address(policy.name, policy.row, world.ours)))
        world.ours.codes = codes
    return found


def content(answer) -> str:
    return (answer.getvalue() if answer.streaming else answer.content).decode(errors="replace")


def test_no_page_and_no_export_tells_what_is_hidden(world):
    clients = people(world.ours)
    before = told(world, clients)
    names = {name for name, _ in before}
    assert names >= {"patient", "lesion", "patient_csv", "assessment", "adjudication", "measurements_csv"}, names
    steward = login(world.ours.team, Role.STEWARD)
    row = withhold(WithheldWhy.INVESTIGATION, last_scan(world.ours), "Whose is it?", steward)
    concluded(world.ours.patient)
    assert sorted(told(world, clients)) == []
    lift(row, steward, "It is right.")
    concluded(world.ours.patient)
    assert {name for name, _ in told(world, clients)} >= {"patient", "lesion", "patient_csv"}
