"""Numbers of scores as words: log-odds with their sign, statistics with two decimals, shares in per cent."""

from django import template

register = template.Library()

MINUS = "\u2212"
DASH = "\u2013"


@register.filter
def log_odds(value: float | None) -> str:
    """A log-odds or what is added to one, with its sign.

    >>> log_odds(-0.456), log_odds(0.001), log_odds(None)
    ('−0.46', '0.00', '–')
    """
    if value is None:
        return DASH
    text = f"{value:+.2f}"
    return text[1:] if float(text) == 0 else text.replace("-", MINUS)


@register.filter
def statistic(value: float) -> str:
    """A statistic with two decimals and a true minus.

    >>> statistic(-0.126), statistic(1.0)
    ('−0.13', '1.00')
    """
    text = f"{value:.2f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


@register.filter
def share(value: float) -> str:
    """A fraction in per cent.

    >>> share(0.256)
    '26 %'
    """
    return f"{100 * value:.0f} %"
