"""Addresses of what may be compared: pairs of scans, words that accept them, rules."""

from django.urls import path

from monitoring.views.trusting import pairs, rules

urlpatterns = [
    path("lesions/<uuid:code>/pairs", pairs.pairs_page, name="lesion_pairs"),
    path("lesions/<uuid:code>/pairs/<int:then>/<int:now>/accept", pairs.pair_accept, name="pair_accept"),
    path("lesions/<uuid:code>/acceptances/<int:word>/withdraw", pairs.acceptance_withdraw, name="acceptance_withdraw"),
    path("comparability/rules", rules.rules_page, name="acquisition_rules"),
]
