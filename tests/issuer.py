"""An OpenID provider on this machine, for the time of a test: discovery, keys, codes with PKCE, tokens signed RS256."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "deltarad", "a secret between the two"
KID = "key-1"


@dataclass
class Issuer:
    """What it says of whoever signs in there, and how that is twisted."""

    address: str = ""
    person: dict[str, Any] = field(default_factory=lambda: {"sub": "subject-1", "preferred_username": "anna"})
    # Claims of the token that differ from what is right; None takes one away.
    twisted: dict[str, Any] = field(default_factory=dict)
    told_elsewhere: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    is_stranger_signing: bool = False
    is_without_token: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def configuration(self) -> dict[str, Any]:
        """What discovery tells."""
        ways = ("authorize", "token", "userinfo", "jwks")
        names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        known: dict[str, Any] = {name: f"{self.address}/{way}" for name, way in zip(names, ways, strict=True)}
        return known | {"issuer": self.address, "token_endpoint_auth_methods_supported": ["client_secret_post"]}

    def keys(self) -> dict[str, Any]:
        """The public key."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": KID, "alg": "RS256", "use": "sig"}]}

    def code_for(self, asked: dict[str, str]) -> str:
        """The person signed in; where the browser goes now."""
        assert asked["response_type"] == "code" and "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def tokens(self, sent: dict[str, str]) -> dict[str, Any]:
        """What a code is worth, once, to the client that holds its verifier."""
        asked = self.codes.pop(sent["code"])
        digest = hashlib.sha256(sent["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        assert (sent["client_id"], sent["client_secret"]) == (CLIENT, SECRET)
        answer = {"access_token": "for-userinfo", "token_type": "Bearer", "expires_in": 60}
        return answer if self.is_without_token else answer | {"id_token": self.signed(asked.get("nonce"))}

    def signed(self, nonce: str | None) -> str:
        """The identity token."""
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": nonce, **self.person}
        claims = {name: value for name, value in {**claims, **self.twisted}.items() if value is not None}
        if self.algorithm == "none":
            return jwt.encode(claims, "", algorithm="none", headers={"kid": KID})
        key = rsa.generate_private_key(65537, 2048) if self.is_stranger_signing else self.key
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": KID})


@contextmanager
def running_issuer() -> Iterator[Issuer]:
    """It listens on a port of its own."""
    issuer = Issuer()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            way, _, query = self.path.partition("?")
            if way == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(query).items()}
                self.send_response(302)
                self.send_header("Location", issuer.code_for(asked))
                self.end_headers()
                return
            told = {
                "/.well-known/openid-configuration": issuer.configuration(),
                "/jwks": issuer.keys(),
                "/userinfo": issuer.person | issuer.told_elsewhere,
            }
            self.tell(told[urlsplit(way).path])

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.tell(issuer.tokens({name: values[0] for name, values in parse_qs(sent).items()}))

        def tell(self, content: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_words: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    issuer.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
