"""Harmonisations of the viewer's teams: every version with what it saw, and a steward's button for the next."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import NOT_FOUND, require, signed_in, teams_of, user_of
from monitoring.progress import is_moving
from monitoring.roles import Act
from monitoring.shown.trust.harmonisations import PROFILES, version_shown
from patients.reads.integrity.models_held import faults_of_models
from patients.reads.trusting.harmonisation import harmonisations_of
from patients.vocabulary import RunState, Step
from patients.words.integrity_words import Damage
from radiomics_tasks import runs
from radiomics_tasks.relay.standing import runs_for


@signed_in
@require_safe
def harmonisation_page(request: HttpRequest) -> HttpResponse:
    """Every version, the newest first, and how the last fit of each team went."""
    require(request, Act.READ)
    teams = teams_of(request)
    fits = runs_for(Step.HARMONISE, [team.pk for team in teams])
    damaged = faults_of_models(Damage.PARAMETERS_CHANGED)
    subjects = {fault.subject for fault in damaged}
    known = harmonisations_of([team.pk for team in teams])
    context = {
        "place": "harmonisation",
        "damaged": damaged,
        "profiles": PROFILES.items(),
        "teams": teams,
        # What is damaged may not even be read.
        "versions": [(row, version_shown(row.content)) for row in known if f"harmonisation {row.pk}" not in subjects],
        "moving": [team for team in teams if is_moving(fits.get(team.pk))],
        "refused": [
            (team, fits[team.pk]) for team in teams if team.pk in fits and fits[team.pk].state == RunState.FAILED
        ],
    }
    return render(request, "pages/harmonisation.html", context)


@signed_in
@require_POST
def harmonisation_fit(request: HttpRequest) -> HttpResponse:
    """Queue a fit of one profile of one team."""
    require(request, Act.HARMONISE)
    named, profile = request.POST.get("team", ""), request.POST.get("profile", "")
    team = next((team for team in teams_of(request) if str(team.pk) == named), None)
    if team is None or profile not in PROFILES:
        raise Http404(NOT_FOUND)
    with transaction.atomic():
        runs.arm(Step.HARMONISE, team.pk, f"{profile}:{user_of(request).pk}")
    messages.success(request, f"{PROFILES[profile]} scanners of {team.name} are being harmonised.")
    return redirect("harmonisation")
