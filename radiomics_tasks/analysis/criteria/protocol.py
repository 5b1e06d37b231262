"""The rules in force: every threshold and choice of RECIST 1.1 and iRECIST, named, versioned and digested."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from decimal import Decimal
from typing import Any, Self

CHOICES = {
    "reference": ("treatment_start", "randomisation", "baseline_scan"),
    "post_cr": ("pd", "off"),
    "pr_persistence": ("recist_group", "strict"),
    "nl_not_evaluated": ("ne", "as_present"),
    "ipr_persistence_after_reset": ("numbers", "continue"),
    "other_category_when_resolved": ("icpd_flagged", "reset_new_iupd"),
}
ALIASES = {"eortc": "recist_group"}


class ProtocolRefused(ValueError):
    """A protocol names a rule that does not exist, or gives it an impossible value."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """The settings of the response criteria; lengths in mm, times in days, shares in percent.

    `required_regions` None: the regions that held disease at baseline. `confirmation`: whether a response has
    to be confirmed before it persists.

    References
    ----------
    Eisenhauer EA et al. Eur J Cancer 2009;45:228-47. Seymour L et al. Lancet Oncol 2017;18:e143-52.
    """

    name: str = "RECIST 1.1 and iRECIST"
    version: str = "1"
    progression_percent: Decimal = Decimal(20)
    progression_mm: Decimal = Decimal(5)
    response_percent: Decimal = Decimal(30)
    normal_node_mm: Decimal = Decimal(10)
    target_node_mm: Decimal = Decimal(15)
    target_mm: Decimal = Decimal(10)
    too_small_mm: Decimal = Decimal(5)
    most_targets: int = 5
    most_targets_an_organ: int = 2
    visit_window_days: int = 14
    baseline_before_days: int = 28
    reference: str = "treatment_start"
    required_regions: tuple[str, ...] | None = None
    confirmation: bool = True
    confirm_days: int = 28
    min_sd_days: int = 42
    max_ne: int = 1
    accept_sd: bool = False
    post_cr: str = "pd"
    pr_persistence: str = "recist_group"
    confirm_from_days: int = 28
    confirm_until_days: int = 56
    confirm_tolerance_days: int = 2
    nl_increase_mm: Decimal = Decimal(2)
    nl_not_evaluated: str = "ne"
    ipr_persistence_after_reset: str = "numbers"
    other_category_when_resolved: str = "icpd_flagged"
    sum_mdc_fall_pct: Decimal = Decimal("12.5")
    broad_label_withdrawn_days: int = 84

    @property
    def digest(self) -> str:
        """SHA-256 over every setting: equal digests, equal rules."""
        return hashlib.sha256(json.dumps(asdict(self), default=str, sort_keys=True).encode()).hexdigest()

    @property
    def title(self) -> str:
        """Name, version and the beginning of the digest, as shown beside every call."""
        return f"{self.name}, version {self.version} ({self.digest[:8]})"

    def with_settings(self, settings: Mapping[str, Any]) -> Self:
        """The same protocol with other settings.

        Raises ProtocolRefused for an unknown name or a value outside its choices.

        >>> Protocol().with_settings({"pr_persistence": "eortc", "max_ne": 2}).pr_persistence
        'recist_group'
        """
        kinds = {field.name: getattr(self, field.name) for field in fields(self)}
        changed: dict[str, Any] = {}
        for name, value in settings.items():
            if name not in kinds:
                raise ProtocolRefused(f"There is no setting named {name}; known are {', '.join(sorted(kinds))}.")
            changed[name] = _typed(name, value, kinds[name])
        return replace(self, **changed)


def _typed(name: str, value: Any, now: Any) -> Any:
    if name in CHOICES:
        value = ALIASES.get(value, value)
        if value not in CHOICES[name]:
            raise ProtocolRefused(f"{name} must be one of {', '.join(CHOICES[name])}, not {value}.")
        return value
    if name == "required_regions":
        return None if value is None else tuple(str(region) for region in value)
    if isinstance(now, bool) or isinstance(value, bool):
        if isinstance(now, bool) and isinstance(value, bool):
            return value
        raise ProtocolRefused(f"{name} must be {'true or false' if isinstance(now, bool) else 'a number'}.")
    if isinstance(now, str):
        return str(value)
    if not isinstance(value, int | float | Decimal) or not 0 <= value < 10_000:
        raise ProtocolRefused(f"{name} must be a number from 0 to 10000, not {value}.")
    return Decimal(repr(value)) if isinstance(now, Decimal) and not isinstance(value, Decimal) else type(now)(value)
