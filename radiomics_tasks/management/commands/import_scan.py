"""`manage.py import_scan`: the intake from a shell, the caller being the person who confirms."""

import argparse
import json
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from patients.models import Patient, Team, Upload
from patients.readable import is_readable
from patients.vocabulary import DrugClass, Modality, Role, Step
from patients.writes.courses import NAME_LENGTH, save_course
from patients.writes.trail.acting import hand
from patients.writes.uploads import UploadRefused
from radiomics_tasks import runs
from radiomics_tasks.arrivals import hand_in
from radiomics_tasks.arrivals.summary import patient_summary, summary_lines
from radiomics_tasks.arrivals.teams import TeamUnclear, team_named
from radiomics_tasks.relay.own_worker import worker_at_hand
from radiomics_tasks.relay.waiting import WorkerLost


class Command(BaseCommand):
    help = "Read scans with their outlines, file what is unambiguous, and wait until it is concluded."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "paths",
            nargs="+",
            type=Path,
            metavar="PATH",
            help="files, zip archives or folders; links inside a folder are skipped and named",
        )
        parser.add_argument("--patient", default="", metavar="PSEUDONYM", help="whose scans; made when new")
        parser.add_argument("--team", default="", metavar="NAME", help="whose patient; needed where there are several")
        parser.add_argument("--date", type=date.fromisoformat, metavar="YYYY-MM-DD", help="for scans without a date")
        parser.add_argument("--modality", default="", choices=list(Modality), help="for images that do not say it")
        parser.add_argument("--new-lesion", action="append", default=[], metavar="NAME", help="ROI with its own lesion")
        parser.add_argument("--link", action="append", default=[], metavar="NAME=LESION", help="ROI of a known lesion")
        parser.add_argument(
            "--course", type=Path, metavar="FILE", help="JSON: name, drug_class, started_on, stopped_on"
        )
        parser.add_argument(
            "--despite",
            action="append",
            default=[],
            metavar="CODE",
            help="a doubt you looked into; one about whose scan it is needs --by and --because as well",
        )
        parser.add_argument("--by", default="", metavar="LOGIN", help="the steward who looked into it: a second person")
        parser.add_argument("--because", default="", metavar="TEXT", help="how that steward made sure")
        parser.add_argument(
            "--no-wait",
            action="store_true",
            help="return when the scans are filed; status 0 then says that all were, and nothing of waiting outlines",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        courses = _courses(options["course"])
        missing = [str(path) for path in options["paths"] if not path.exists()]
        if missing:
            raise CommandError(f"There is no {', '.join(missing)}.")
        team = _team(options["team"])
        answers = _answers(options, team)
        with worker_at_hand():
            upload, outcomes = self._file(options["paths"], team, answers)
            patients = hand_in.patients_of(outcomes)
            _save_courses(patients, courses)
            if options["no_wait"]:
                self.stderr.write("not waited: outlines are still being measured and may yet meet their lesions")
            else:
                self._wait(patients)
        summaries = [patient_summary(patient.pk) for patient in patients]
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(upload, outcomes, summaries), indent=2))
        else:
            self._print(outcomes, summaries, was_concluded=not options["no_wait"])
        if (not options["no_wait"] and _has_rest(summaries)) or not all(outcome.is_whole for outcome in outcomes):
            raise SystemExit(1)

    def _file(self, paths: list[Path], team: Team, answers: hand_in.Answers) -> tuple[Upload, list[hand_in.Outcome]]:
        for name in hand_in.skipped_links(paths):
            self.stderr.write(f"skipped: {name} is a link. Name what it leads to as a PATH of its own.")
        try:
            upload = hand_in.wait_until_read(hand_in.hand_in(paths, team), self.stderr.write)
        except (UploadRefused, WorkerLost, OSError) as reason:
            raise CommandError(str(reason)) from None
        return upload, hand_in.confirm(upload, answers)

    def _wait(self, patients: list[Patient]) -> None:
        try:
            hand_in.wait_until_concluded(patients, self.stderr.write)
        except WorkerLost as reason:
            raise CommandError(str(reason)) from None

    def _print(self, outcomes: list[hand_in.Outcome], summaries: list[dict[str, Any]], *, was_concluded: bool) -> None:
        for outcome in outcomes:
            filed = f"filed as the {outcome.scan}" if outcome.scan else "not filed"
            self.stdout.write(f"{outcome.name}: {filed}")
            if outcome.scan is None:
                self.stderr.write(f"  {outcome.code}: {outcome.sentence}")
            for known in outcome.left_out:
                self.stderr.write(f"  left out: {known['code']}: {known['sentence']}")
        for summary in summaries if was_concluded else ():
            for line in summary_lines(summary):
                self.stdout.write(line)


def _has_rest(summaries: list[dict[str, Any]]) -> bool:
    """Whether an outline of these patients waits for a person, or could not be measured."""
    return any(summary["waiting_outlines"] or summary["failures"] for summary in summaries)


def _answers(options: dict[str, Any], team: Team) -> hand_in.Answers:
    links = {}
    for pair in options["link"]:
        name, equals, lesion = pair.partition("=")
        if not (name and equals and lesion):
            raise CommandError(f"--link takes the ROI's name and the lesion's, as NAME=LESION, not {pair!r}.")
        links[name] = lesion
    return hand_in.Answers(
        pseudonym=options["patient"],
        acquired_on=options["date"],
        modality=options["modality"],
        new_lesions=frozenset(options["new_lesion"]),
        links=links,
        despite=frozenset(options["despite"]),
        by=_steward(options["by"], team),
        because=options["because"],
    )


def _steward(login: str, team: Team) -> User | None:
    """The second person who is named: a steward of the team, and not the account that runs the command."""
    if not login:
        return None
    stewards = User.objects.filter(is_active=True, groups__name=Role.STEWARD, memberships__team=team.pk)
    found = stewards.filter(username=login).first()
    if found is None:
        raise CommandError(f"--by names a steward of the team {team}, and {login} is none.")
    if hand().login == f"os:{login}":
        raise CommandError("--by names a second person, who is not the account that runs the command.")
    return found


def _courses(path: Path | None) -> list[dict[str, Any]]:
    """The courses of a JSON file, one or a list; a wrong one is told before anything is read."""
    if path is None:
        return []
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        rows = data if isinstance(data, list) else [data]
        return [_course(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CommandError(
            f"The course file cannot be used ({problem}). It is JSON with name, drug_class "
            f"({', '.join(DrugClass)}), started_on and, where it ended, stopped_on."
        ) from None


def _course(row: dict[str, Any]) -> dict[str, Any]:
    started_on = date.fromisoformat(row["started_on"])
    stopped_on = date.fromisoformat(row["stopped_on"]) if row.get("stopped_on") else None
    if stopped_on is not None and stopped_on < started_on:
        raise ValueError("it stops before it starts")
    name = str(row["name"]).strip()
    if not is_readable(name, NAME_LENGTH):
        raise ValueError(f"its name needs 1 to {NAME_LENGTH} readable letters")
    return {
        "name": name,
        "drug_class": DrugClass(row.get("drug_class", "OTHER")),
        "started_on": started_on,
        "stopped_on": stopped_on,
    }


def _save_courses(patients: list[Patient], courses: list[dict[str, Any]]) -> None:
    for patient in patients if courses else ():
        with transaction.atomic():
            for course in courses:
                if not patient.courses.filter(name=course["name"], started_on=course["started_on"]).exists():
                    save_course(patient, **course)
            runs.arm(Step.REASSESS, patient.pk)


def _team(name: str) -> Team:
    try:
        team = team_named(name)
    except TeamUnclear as unclear:
        raise CommandError(str(unclear)) from None
    if team._state.adding:
        team.save()
    return team


def _as_json(upload: Upload, outcomes: list[hand_in.Outcome], summaries: list[dict[str, Any]]) -> dict[str, Any]:
    series = [
        {
            "name": outcome.name,
            "is_filed": outcome.scan is not None,
            "scan": str(outcome.scan.code) if outcome.scan else None,
            "code": outcome.code,
            "sentence": outcome.sentence,
            "left_out": list(outcome.left_out),
        }
        for outcome in outcomes
    ]
    return {"upload": str(upload.code), "state": upload.state, "series": series, "patients": summaries}
