"""Which items count, what each adds, what caps take away, and the log-odds that come of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from patients.concluded.trust_findings import DomainContribution, ItemContribution, ItemLeftOut
from patients.words.trust_words import Band, NotCounted
from radiomics_tasks.analysis.trust.pseudoprogression.evidence import Evidence, ItemEvidence
from radiomics_tasks.analysis.trust.pseudoprogression.model import Item, PspModel
from radiomics_tasks.errors import Refusal


@dataclass(frozen=True, slots=True)
class Weighed:
    """The items of one progression: those that count, what each domain adds, those left out, those missing.

    `item_variance` is the sum, over the items that count, of the variance of weight times x.
    """

    contributions: tuple[ItemContribution, ...]
    domains: tuple[DomainContribution, ...]
    left_out: tuple[ItemLeftOut, ...]
    missing: tuple[str, ...]
    item_variance: float

    def left_out_for(self, item: str) -> NotCounted | None:
        """Why an item that is known does not count."""
        return next((one.reason for one in self.left_out if one.item == item), None)

    def has(self, *domains: str) -> bool:
        """Whether an item of one of these domains counts."""
        return any(one.domain in domains for one in self.contributions)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A log-odds with its standard error, beside the prior it started from (a probability)."""

    log_odds: float
    error: float
    prior: float
    z_interval: float

    @property
    def probability(self) -> float:
        """The point, unclipped."""
        return expit(self.log_odds)

    @property
    def low(self) -> float:
        """The lower end of the interval, unclipped."""
        return expit(self.log_odds - self.z_interval * self.error)

    @property
    def high(self) -> float:
        """The upper end of the interval, unclipped."""
        return expit(self.log_odds + self.z_interval * self.error)

    @property
    def band(self) -> Band:
        """Above or below the base rate only where the whole interval is."""
        if self.low > self.prior:
            return Band.ABOVE
        return Band.BELOW if self.high < self.prior else Band.BETWEEN


def expit(log_odds: float) -> float:
    """The probability of a log-odds.

    Examples
    --------
    >>> expit(0.0), expit(-800.0)
    (0.5, 0.0)
    """
    if log_odds < -700:
        return 0.0
    return 1.0 / (1.0 + math.exp(-log_odds))


def logit(probability: float) -> float:
    """The log-odds of a probability between 0 and 1.

    Examples
    --------
    >>> logit(0.5)
    0.0
    """
    return math.log(probability / (1.0 - probability))


def weighed_items(asked: Evidence, model: PspModel) -> Weighed:
    """Sort the items into those that count and those that do not, and add up what counts, domain by domain.

    Raises
    ------
    Refusal
        E_SCORE_INPUT: an item that the model does not know, or a value that it does not allow.
    """
    known = {item.name for item in model.items}
    if unknown := sorted(set(asked.items) - known):
        raise Refusal("E_SCORE_INPUT", f"The model has no item {unknown[0]}. It knows {', '.join(sorted(known))}.")
    counted: list[ItemContribution] = []
    left_out: list[ItemLeftOut] = []
    variance = 0.0
    for item in model.items:
        found = asked.items.get(item.name)
        if found is None:
            continue
        one = _contribution(item, found, asked, model)
        reason = _why_not(item, found, asked, model) or _left_out_as_weak(one, asked)
        if reason:
            left_out.append(ItemLeftOut(item.name, reason, found.value, found.age_days, found.sources))
            continue
        counted.append(one)
        variance += _variance(item, one.x, found.x_se)
    return Weighed(tuple(counted), _domains(counted, model), tuple(left_out), _missing(asked, model), variance)


def estimate(weighed: Weighed, tumour: str, model: PspModel) -> Estimate:
    """The log-odds: the logit of the prior and what each domain adds; its variance by the same steps.

    References
    ----------
    eta = logit(prior) + kappa * sum over domains of clip(sum of w x, +-cap);
    SE(eta)^2 = SE(prior)^2 + kappa^2 * sum of (x^2 SE(w)^2 + w^2 Var(x)).
    """
    prior, prior_error = model.prior(tumour)
    log_odds = logit(prior) + math.fsum(domain.log_odds for domain in weighed.domains)
    error = math.sqrt(prior_error**2 + model.kappa**2 * weighed.item_variance)
    return Estimate(log_odds, error, prior, model.z_interval)


def _contribution(item: Item, found: ItemEvidence, asked: Evidence, model: PspModel) -> ItemContribution:
    x = item.transform.x(item.name, found.value)
    published, used = item.ratios(x)
    return ItemContribution(
        item=item.name,
        domain=item.domain,
        value=found.value,
        x=x,
        log_odds=model.kappa * item.weight(x) * x,
        grade=item.grade,
        basis=item.basis,
        age_days=found.age_days,
        sources=found.sources,
        is_expert=asked.is_evidence_only and item.grade == "D",
        published_ratio=published,
        used_ratio=used,
    )


def _variance(item: Item, x: float, x_se: float) -> float:
    return (x * item.error(x)) ** 2 + (item.weight(x) * x_se) ** 2


def _why_not(item: Item, found: ItemEvidence, asked: Evidence, model: PspModel) -> NotCounted | None:
    """The first reason why an item does not count, in a fixed order."""
    driver = model.driver_domains.get(item.domain)
    is_aged = item.domain in model.aged_domains and found.age_days is not None
    age_days = found.age_days or 0
    reasons = {
        NotCounted.SWITCHED_OFF: not item.is_counted,
        NotCounted.TARGETS_NOT_DRIVER: driver is not None and driver not in asked.drivers,
        NotCounted.COMPARISON_BLOCKED: found.is_blocked
        or item.domain in model.blocked_domains.get(asked.comparability, ()),
        NotCounted.OTHER_TUMOUR: bool(item.tumours) and asked.tumour not in item.tumours,
        NotCounted.TOO_OLD: is_aged and age_days > model.oldest_days,
        NotCounted.AFTER_SCAN: is_aged and age_days < 0,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _left_out_as_weak(one: ItemContribution, asked: Evidence) -> NotCounted | None:
    is_weak = asked.is_evidence_only and one.grade == "D" and one.log_odds > 0
    return NotCounted.EVIDENCE_ONLY if is_weak else None


def _domains(counted: Sequence[ItemContribution], model: PspModel) -> tuple[DomainContribution, ...]:
    domains = []
    for name, cap in model.caps.items():
        parts = [one.log_odds for one in counted if one.domain == name]
        if parts:
            whole, most = math.fsum(parts), model.kappa * cap
            capped = min(max(whole, -most), most)
            domains.append(DomainContribution(name, capped, capped - whole))
    return tuple(domains)


def _missing(asked: Evidence, model: PspModel) -> tuple[str, ...]:
    wanted = [item for item in model.items if item.is_counted and (not item.tumours or asked.tumour in item.tumours)]
    return tuple(item.name for item in wanted if item.name not in asked.items)
