"""The acquisition rules in force: every rule with its tag or probe, its limit and its level."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from monitoring.access import require, signed_in, teams_of
from monitoring.roles import Act
from patients.reads.concluded_under import overtaken_count
from patients.words.trust_words import Comparability
from radiomics_tasks.acquisition import Rule, are_own_rules, site_rules
from radiomics_tasks.in_force import site_protocol


@signed_in
@require_safe
def rules_page(request: HttpRequest) -> HttpResponse:
    """Id, version and digest, who waits for them, and the rules by which each pair of scans is read."""
    require(request, Act.READ)
    rules = site_rules()
    context = {
        "place": "cohort",
        "rules": rules,
        "is_own": are_own_rules(),
        "levels": list(Comparability),
        "rows": [(rule, sorted(rule.applies_to - {"*"}), _most(rule)) for rule in rules.rules],
        "never_seen": rules.never_seen,
        "protocol": site_protocol(),
        "waiting": overtaken_count(rules.digest, site_protocol().digest, [team.pk for team in teams_of(request)]),
    }
    return render(request, "pages/acquisition_rules.html", context)


def _most(rule: Rule) -> Comparability:
    """The highest level that a rule can reach."""
    return max([rule.level, *(check.level for check in rule.checks)], key=lambda level: level.severity)
