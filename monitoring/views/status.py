"""How the site's work stands, for administrators: queues, failed work with its reason, signs of life, storage."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from monitoring.access import require, signed_in
from monitoring.fragments import page_or_fragment
from monitoring.roles import Act
from radiomics_tasks import runs
from radiomics_tasks.relay.site_state import site_state


@signed_in
@require_safe
def status_page(request: HttpRequest) -> HttpResponse:
    """Counts and ids; no patient is named. htmx asks again every ten seconds."""
    require(request, Act.SEE_STATUS)
    return page_or_fragment(request, "status", {"state": site_state(), "place": "status"}, "status_state")


@signed_in
@require_POST
def run_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for another try at one piece of work that failed."""
    require(request, Act.SEE_STATUS)
    if not runs.retry(pk):
        messages.info(request, "This no longer stands as failed.")
    return redirect("status")
