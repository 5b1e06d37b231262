"""Carry scans with what hangs on them from one patient to another: nothing is deleted, and each row is written down."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from patients.models import (
    Candidate,
    Hold,
    IntegrityFault,
    PairAcceptance,
    Patient,
    RetestPair,
    Scan,
    Segmentation,
    Timepoint,
    Withholding,
)
from patients.planned import GOES, Plan
from patients.words.audit_words import Deed
from patients.words.identity_words import HoldState, MoveKind, WithheldWhy
from patients.writes.findings import forget_findings
from patients.writes.identity.moved.identifiers import learn_anew
from patients.writes.identity.moved.lesions_along import carry_lesions
from patients.writes.identity.moved.rest import carry_rest
from patients.writes.identity.withholding import spread
from patients.writes.readings.withdrawing import offer_again, withdraw_readings
from patients.writes.trail.record import record
from patients.writes.trusting.registry import replace_outputs
from patients.writes.visits import regroup_visits, visit_of_new_scan

Went = dict[str, Any]


def carry(plan: Plan, target: Patient, user: User, window_days: int) -> Went:
    """Do what the plan says, both patients locked; the answer is what went, row by row."""
    wanted, source = plan.wanted, plan.wanted.source
    scan_pks = [scan.pk for scan in plan.scans]
    went: Went = {"is_whole": wanted.kind is MoveKind.MERGE, "left": [scan.pk for scan in plan.left]}
    went |= carry_lesions(plan, target)
    _keep_hidden(source, scan_pks)
    went["scans"] = _carry_scans(plan, target, user, window_days)
    _carry_what_hangs_on(source, target, scan_pks, user)
    if wanted.kind is MoveKind.MERGE or (wanted.undoes and wanted.undoes.went.get("is_whole")):
        went |= carry_rest(plan, target)
    went["identifiers"] = learn_anew(plan, target)
    regroup_visits(source, window_days)
    going = [lesion.pk for lesion, fate in plan.fates if fate == GOES]
    visits = {scan.timepoint_id for scan in plan.scans}
    withdraw_readings(source, visits, going, scan_pks, f"Scans of it were put under {target.pseudonym}")
    if wanted.kind is MoveKind.BACK:
        offer_again(target, {pk for _, _, pk in went["scans"]}, f"Scans came back from {source.pseudonym}")
    went["hidden"] = _set_left_aside(plan, source, target, user)
    _show_again(plan, user)
    for patient in (source, target):
        spread(patient)
        forget_findings(patient.pk)
        replace_outputs(patient.pk, ())
    return went


def _carry_scans(plan: Plan, target: Patient, user: User, window_days: int) -> list[list[int]]:
    """Each scan with the visit it left and the one it came to: its own old one where it comes back."""
    wanted, carried = plan.wanted, []
    undone = wanted.undoes.went["scans"] if wanted.undoes else []
    stood = {pk: before for pk, before, _ in undone}
    for scan in sorted(plan.scans, key=lambda row: (row.acquired_on, row.pk)):
        own = Timepoint.objects.filter(pk=stood.get(scan.pk, 0), patient=target).first()
        visit = own or visit_of_new_scan(target, scan.acquired_on, scan.volume_digest, window_days)
        before = scan.timepoint_id
        Scan.objects.filter(pk=scan.pk).update(patient=target, timepoint=visit)
        if own is not None:
            regroup_visits(target, window_days)
        visit_pk = Scan.objects.values_list("timepoint_id", flat=True).get(pk=scan.pk)
        carried.append([scan.pk, before, visit_pk])
        for patient in (wanted.source, target):
            record(Deed.SCAN_REASSIGNED, patient=patient, subject=scan, user=user, kind=str(wanted.kind))
    return carried


def _keep_hidden(source: Patient, scan_pks: list[int]) -> None:
    """What is hidden with its whole patient stays hidden where it goes, until somebody lifts that there."""
    for whole in Withholding.objects.filter(patient=source, scan=None, segmentation=None, lifted_at=None):
        for pk in scan_pks:
            Withholding.objects.get_or_create(
                why=whole.why,
                patient=source,
                scan_id=pk,
                segmentation=None,
                lifted_at=None,
                defaults={"reason": whole.reason, "by": whole.by, "hold": whole.hold},
            )


def _carry_what_hangs_on(source: Patient, target: Patient, scan_pks: list[int], user: User) -> None:
    outlines = list(Segmentation.objects.filter(scan__in=scan_pks).values_list("pk", flat=True))
    Candidate.objects.filter(scan__in=scan_pks).update(patient=target)
    hidden = Q(scan__in=scan_pks) | Q(segmentation__in=outlines)
    Withholding.objects.filter(hidden, patient=source).update(patient=target)
    IntegrityFault.objects.filter(patient=source, segmentation_pks__overlap=outlines).update(patient=target)
    waiting = Hold.objects.filter(state=HoldState.OPEN)
    there = {"patient": target, "team": target.team, "pseudonym": target.pseudonym.lower()}
    waiting.filter(candidate__scan__in=scan_pks).exclude(mask_digest="").update(**there)
    jumps = waiting.filter(segmentation__in=outlines)
    jumps.filter(lesion__patient=target).update(**there)
    jumps.exclude(lesion__patient=target).update(state=HoldState.OVERTAKEN, decided_at=timezone.now())
    RetestPair.objects.filter(Q(first__in=outlines) | Q(second__in=outlines)).delete()  # found anew with the noise
    words = PairAcceptance.objects.filter(patient=source)
    words.filter(then_scan__in=scan_pks, now_scan__in=scan_pks).update(patient=target)
    torn = words.filter(Q(then_scan__in=scan_pks) | Q(now_scan__in=scan_pks), withdrawn_at=None)
    for word in torn.exclude(then_scan__in=scan_pks, now_scan__in=scan_pks):
        PairAcceptance.objects.filter(pk=word.pk).update(withdrawn_at=timezone.now(), withdrawn_by=user)
        record(Deed.ACCEPTANCE_WITHDRAWN, patient=source, subject=word, user=user)


def _set_left_aside(plan: Plan, source: Patient, target: Patient, user: User) -> list[int]:
    """The very images are filed at the other patient: this copy stays here, hidden; the answer is by what."""
    hidden = []
    for scan in plan.left:
        row, is_new = Withholding.objects.get_or_create(
            why=WithheldWhy.WITHDRAWN,
            patient=source,
            scan=scan,
            segmentation=None,
            lifted_at=None,
            defaults={"reason": f"The same images are filed under {target.pseudonym}.", "by": user},
        )
        if is_new:
            hidden.append(row.pk)
            record(Deed.WITHHELD, patient=source, subject=row, user=user, why=row.why)
    return hidden


def _show_again(plan: Plan, user: User) -> None:
    """What is taken back had hidden copies: they count again."""
    undone = plan.wanted.undoes.went.get("hidden", []) if plan.wanted.undoes else []
    for row in Withholding.objects.filter(pk__in=undone, lifted_at=None):
        Withholding.objects.filter(pk=row.pk).update(
            lifted_at=timezone.now(), lifted_by=user, lifted_reason="The two are two patients again."
        )
        record(Deed.WITHHOLDING_LIFTED, patient=row.patient, subject=row, user=user, why=row.why)
