"""What is done to one's own row leaves every other row alone: another visit's, another patient's, another team's."""

from collections.abc import Iterator

from django.db import transaction
from django.urls import reverse

from patients.models import Reading, Segmentation, Withholding
from patients.reads.readings.versus import versus_of
from patients.vocabulary import Role
from patients.words.identity_words import WithheldWhy
from patients.words.reading_words import ReadingState
from patients.writes.identity.withholding import withhold
from patients.writes.readings.drafts import start_reading
from patients.writes.readings.signing import adjudicate
from tests.access.states import browser
from tests.access.world import Holding, World
from tests.assessing import visits
from tests.factories import login


def touched_elsewhere(world: World) -> Iterator[str]:
    """Whatever was changed, named or stood in the way although it was no part of what was asked."""
    for act in (lifted, hidden, discarded, decided, led_on):
        with transaction.atomic():
            found = act(world.ours, world.theirs)
            transaction.set_rollback(True)
        if found:
            yield f"elsewhere: {found}"


def lifted(ours: Holding, theirs: Holding) -> str:
    """A patient that is shown again, and another one that stays hidden."""
    for one in (ours, theirs):
        withhold(WithheldWhy.INVESTIGATION, one.patient, "Looked into.", login(one.team, Role.STEWARD))
    client = browser(login(ours.team, Role.STEWARD))
    sent = {"subject": "patient", "reason": "Looked into, and all is well.", "act": "lift"}
    answer = client.post(reverse("hidden", args=[ours.patient.code]), sent)
    assert answer.status_code == 302, answer.content.decode()
    assert Withholding.objects.get(patient=ours.patient).lifted_at is not None
    stays = Withholding.objects.get(patient=theirs.patient).lifted_at is None
    return "" if stays else "a patient of another team is shown again"


def hidden(ours: Holding, _theirs: Holding) -> str:
    """The numbers of an outline that is under investigation."""
    code = ours.codes["outline"]
    Segmentation.objects.filter(code=code).update(is_withheld=True)
    answer = browser(login(ours.team, Role.ONCOLOGIST)).get(reverse("number", args=[code]))
    return "" if answer.status_code == 403 else "a hidden number is shown"


def discarded(ours: Holding, _theirs: Holding) -> str:
    """A draft that is thrown away at one visit, where there is one at another."""
    reader = login(ours.team, Role.READER)
    drafted, other = visits(ours.patient)
    start_reading(drafted, reader)
    browser(reader).post(reverse("assessment_discard", args=[ours.patient.code, other.pk]))
    kept = Reading.objects.filter(reader=reader, timepoint=drafted, state=ReadingState.DRAFT).exists()
    return "" if kept else "the draft of another visit is thrown away"


def decided(ours: Holding, theirs: Holding) -> str:
    """A decision between two readers, where another team decided before."""
    adjudicate(theirs.visit, versus_of(theirs.visit.pk).readings[0], login(theirs.team, Role.STEWARD), "Looked at.")
    client = browser(login(ours.team, Role.STEWARD))
    chosen = versus_of(ours.visit.pk).readings[0]
    sent = {"reading": chosen.pk, "why": "Looked at.", "seen": 0}
    answer = client.post(reverse("adjudication", args=[ours.patient.code, ours.visit.pk]), sent)
    return "" if answer.status_code == 302 else "another team's decision stands in the way"


def led_on(ours: Holding, _theirs: Holding) -> str:
    """The last outline that waited, where another team's wait."""
    client = browser(login(ours.team, Role.READER))
    sent = {"tracking_id": "LEFT-ALONE", "organ": "LUNG", "is_node": "no", "role": "NON_TARGET"}
    waiting = ours.named("outline_open", "outline")["code"]
    answer = client.post(reverse("outline_open", args=[waiting]), sent)
    assert answer.status_code == 302, answer.content.decode()
    is_own = answer["Location"] == reverse("patient", args=[ours.patient.code])
    return "" if is_own else "one is led to another patient's outline"
