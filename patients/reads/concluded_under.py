"""Which patients were concluded under other rules, or another protocol, than those in force."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from patients.models import Patient, Timepoint


def overtaken(rules_digest: str, protocol_digest: str) -> QuerySet[Patient]:
    """Patients with a visit whose findings are not those of these rules and this protocol."""
    seen = Exists(Timepoint.objects.filter(patient=OuterRef("pk")))
    same = Q(concluded_rules=rules_digest, concluded_protocol=protocol_digest)
    return Patient.objects.filter(seen).exclude(same)


def overtaken_count(rules_digest: str, protocol_digest: str, team_pks: Collection[int]) -> int:
    """How many patients of these teams wait to be concluded under them, in one query."""
    return overtaken(rules_digest, protocol_digest).filter(team__in=team_pks).count()
