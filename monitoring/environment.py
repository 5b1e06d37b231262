"""Typed readers of the environment: a wrong value stops the start with a sentence, never a guess."""

import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = ("1", "true", "yes", "on")
FALSE_WORDS = ("0", "false", "no", "off", "")


def text(name: str, default: str) -> str:
    """The value as it stands, or the default where the variable is unset."""
    return os.environ.get(name, default)


def flag(name: str, *, default: bool) -> bool:
    """A yes or no."""
    value = os.environ.get(name)
    if value is None:
        return default
    word = value.strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def whole(name: str, default: int, *, least: int = 1) -> int:
    """A whole number not below `least`."""
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None
    if number < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {number}.")
    return number


def one_of(name: str, among: tuple[str, ...]) -> str:
    """One of a few words, the first of which is the default."""
    value = os.environ.get(name, among[0]).strip().lower()
    if value not in among:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(among)}, not {value!r}.")
    return value


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def record(name: str) -> dict[str, Any]:
    """A JSON object, such as {"pr_persistence": "strict"}; empty where the variable is unset."""
    try:
        value = json.loads(os.environ.get(name) or "{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ImproperlyConfigured(f"{name} must be a JSON object such as {{}}, not {os.environ[name]!r}.")
    return value


def folder(name: str, default: Path) -> Path:
    """An absolute path."""
    value = os.environ.get(name)
    if value is None:
        return default
    path = Path(value).expanduser()
    if not path.is_absolute():
        raise ImproperlyConfigured(f"{name} must be an absolute path, not {value!r}.")
    return path


def private_folder(name: str, path: Path) -> Path:
    """The folder, made where it is missing; one that others may look into stops the start."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o007:
        raise ImproperlyConfigured(f"{name}: others may look into {path}; take it from them: chmod o-rwx {path}")
    return path


def secret(name: str, kept_in: Path | None, *, is_required: bool) -> str:
    """A key from the environment, else one made once and kept in a private file.

    Where the environment must name it (a hospital's own servers), a made-up one would differ
    from machine to machine; without a folder it lasts as long as the process.
    """
    value = os.environ.get(name)
    if value is not None:
        if len(value) < 32:
            raise ImproperlyConfigured(f"{name} must have at least 32 characters.")
        return value
    if is_required:
        raise ImproperlyConfigured(f"{name} must be set where DATABASE_URL names your own server.")
    if kept_in is None:
        return secrets.token_urlsafe(48)
    return _kept_secret(kept_in / name.lower())


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        # A link is made by the first of two starts only, and never shows a half-written key.
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()
    return path.read_text()


def database(name: str, default: str) -> dict[str, Any]:
    """Django's DATABASES entry from a PostgreSQL address.

    `postgresql://user:password@host:5432/name` or, over a unix socket,
    `postgresql:///name?host=/folder`; further parameters are handed to libpq.
    """
    url = urlsplit(os.environ.get(name) or default)
    if url.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(f"{name} must begin with postgresql://, not {url.scheme or 'nothing'}://.")
    if not url.path.strip("/"):
        raise ImproperlyConfigured(f"{name} must end with the name of a database.")
    try:
        port = url.port
    except ValueError:
        raise ImproperlyConfigured(f"{name} has a port that is no number.") from None
    options = dict(parse_qsl(url.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.strip("/")),
        "USER": options.pop("user", unquote(url.username or "")),
        "PASSWORD": options.pop("password", unquote(url.password or "")),
        "HOST": options.pop("host", unquote(url.hostname or "")),
        "PORT": options.pop("port", str(port or "")),
        "OPTIONS": options,
    }


def redis(name: str, default: str) -> str:
    """The address of a Redis-protocol server: redis://, rediss:// or unix:///path?db=0."""
    value = os.environ.get(name) or default
    scheme = urlsplit(value).scheme
    if scheme not in ("redis", "rediss", "unix"):
        raise ImproperlyConfigured(
            f"{name} must begin with redis://, rediss:// or unix://, not {scheme or 'nothing'}://."
        )
    return value


def any_broker(name: str, default: str) -> str:
    """The address of the broker: a Redis-protocol server as above, or RabbitMQ as amqp:// or amqps://."""
    value = os.environ.get(name) or default
    if urlsplit(value).scheme in ("amqp", "amqps"):
        return value
    return redis(name, default)


def broker(redis_url: str) -> str:
    """The same server as Celery spells it: a unix socket is redis+socket:// with a virtual_host.

    >>> broker("unix:///run/redis.sock?db=2")
    'redis+socket:///run/redis.sock?virtual_host=2'
    """
    url = urlsplit(redis_url)
    if url.scheme != "unix":
        return redis_url
    options = dict(parse_qsl(url.query))
    options["virtual_host"] = options.pop("db", "0")
    return f"redis+socket://{url.path}?{urlencode(options)}"


def openid_connect(issuer: str) -> dict[str, Any]:
    """The one issuer of identities that a site trusts, as django-allauth spells it; nothing where none is named."""
    if not issuer:
        return {}
    if urlsplit(issuer).scheme != "https" and urlsplit(issuer).hostname not in ("localhost", "127.0.0.1"):
        raise ImproperlyConfigured("DELTARAD_OIDC_ISSUER must begin with https://.")
    missing = [name for name in ("DELTARAD_OIDC_CLIENT_ID", "DELTARAD_OIDC_CLIENT_SECRET") if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(f"{missing[0]} must be set where DELTARAD_OIDC_ISSUER is.")
    app = {
        "provider_id": "hospital",
        "name": text("DELTARAD_OIDC_NAME", "your hospital"),
        "client_id": os.environ["DELTARAD_OIDC_CLIENT_ID"],
        "secret": os.environ["DELTARAD_OIDC_CLIENT_SECRET"],
        "settings": {"server_url": issuer, "fetch_userinfo": True},
    }
    return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
