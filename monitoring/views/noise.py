"""What can be measured at this site, and the lesions whose size and texture disagree beyond it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from monitoring.access import require, signed_in, teams_of
from monitoring.roles import Act
from monitoring.shown.trust.noise_shown import classes_shown
from patients.reads.trusting.noise import noise_tables, pairs_shown
from patients.reads.trusting.noise_beside import discordant_lesions


@signed_in
@require_safe
def noise_page(request: HttpRequest) -> HttpResponse:
    """The bands of the whole site, which tell of no patient, and the same-day pairs of the viewer's teams."""
    require(request, Act.READ)
    context = {
        "place": "noise",
        "classes": classes_shown(noise_tables()),
        "pairs": pairs_shown([team.pk for team in teams_of(request)]),
    }
    return render(request, "pages/noise.html", context)


@signed_in
@require_safe
def discordance_page(request: HttpRequest) -> HttpResponse:
    """Every lesion of the viewer's teams with a date at odds, or a band that it has left."""
    require(request, Act.READ)
    context = {"place": "discordance", "discordant": discordant_lesions([team.pk for team in teams_of(request)])}
    return render(request, "pages/discordance.html", context)
