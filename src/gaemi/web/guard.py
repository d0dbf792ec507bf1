"""What every request passes first: whom it came to, from which page, with which token, how large it is, how often.

A page of another site must not drive this one, read it, or learn that it is there: the name a request asks for is
checked (against rebinding of names), a request that changes something must come from our own page, and nothing but a
page that somebody opened may be asked for from elsewhere.
"""

import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST_BYTES = 12 << 20
"""The largest body that is read: files of a book, all together."""

COSTLY_A_MINUTE, BURST = 90.0, 60.0
"""Questions that start a run, for each visitor: how many a minute in the long run, and how many at once."""

COOKIE = "gaemi-token"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "x-frame-options": "DENY",
}
_SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(slots=True)
class Allowance:
    """How many costly questions each visitor may still ask; it fills up as time passes."""

    left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    most_visitors: int = 10_000

    def take(self, visitor: str) -> float:
        """0 where the question may be asked, else seconds to wait."""
        now = monotonic()
        had, since = self.left.pop(visitor, (BURST, now))
        have = min(BURST, had + (now - since) * COSTLY_A_MINUTE / 60)
        wait = 0.0 if have >= 1 else (1 - have) * 60 / COSTLY_A_MINUTE
        self.left[visitor] = (have if wait else have - 1, now)
        if len(self.left) > self.most_visitors:
            self.left.popitem(last=False)
        return wait


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """A request that is not answered: the status, why in words, and headers that say more."""

    status: int
    why: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Guard:
    """The outermost layer of the site, around the application that answers."""

    def __init__(self, inner: Application, hosts: tuple[str, ...], token: str | None = None) -> None:
        self.inner, self.hosts, self.token = inner, hosts, token
        self.allowance = Allowance()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.inner(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            self._check_host(headers)
            self._check_origin(scope["method"], headers)
            if self.token is not None:
                redirect = self._check_token(scope, headers)
                if redirect is not None:
                    await _answer(send, 303, "", redirect)
                    return
            self._check_size(headers)
            if scope["method"] not in _SAFE and scope["method"] != "DELETE":
                self._check_allowance(scope)
        except Refusal as refusal:
            await _answer(send, refusal.status, refusal.why, refusal.headers)
            return
        await self.inner(scope, _bounded(receive), _with_headers(send))

    def _check_host(self, headers: dict[str, str]) -> None:
        """The name that the request asks for must be ours, else another name was led to this machine."""
        host = headers.get("host", "")
        name = (urlsplit(f"//{host}").hostname or "") if host else ""
        if name not in self.hosts:
            raise Refusal(421, f"this site answers to {', '.join(self.hosts)}, and was asked for '{host[:80]}'")

    def _check_origin(self, method: str, headers: dict[str, str]) -> None:
        site, mode = headers.get("sec-fetch-site"), headers.get("sec-fetch-mode")
        if method in _SAFE:
            if site in ("cross-site", "same-site") and mode != "navigate":
                raise Refusal(403, "another page asked for this; only a page that you open yourself is shown")
            return
        origin = headers.get("origin")
        foreign = site is not None and site not in ("same-origin", "none")
        if foreign or (origin is not None and urlsplit(origin).netloc != headers.get("host")):
            raise Refusal(403, "another page asked for this; only this site's own pages may")

    def _check_token(self, scope: Message, headers: dict[str, str]) -> tuple[tuple[bytes, bytes], ...] | None:
        """None where the token came with the request; where it stands in the address, a cookie and the bare address."""
        assert self.token is not None
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in asked if name == "token"]
        cookie = SimpleCookie()
        cookie.load(headers.get("cookie", ""))
        kept = cookie[COOKIE].value if COOKIE in cookie else ""
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        if any(_same(each, self.token) for each in (kept, bearer)):
            return None
        if scope["method"] in _SAFE and given and _same(given[0], self.token):
            rest = urlencode([(name, value) for name, value in asked if name != "token"])
            path = scope["path"] + (f"?{rest}" if rest else "")
            told = f"{COOKIE}={self.token}; HttpOnly; SameSite=Strict; Path=/"
            return ((b"location", path.encode("latin-1", "replace")), (b"set-cookie", told.encode()))
        why = "this site asks for its token: open the address that gaemi serve printed, or send Authorization: Bearer"
        raise Refusal(401, why, ((b"www-authenticate", b"Bearer"),))

    def _check_size(self, headers: dict[str, str]) -> None:
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BYTES:
            raise Refusal(413, f"a request may hold {MOST_BYTES >> 20} MB; give larger books to gaemi serve --book")

    def _check_allowance(self, scope: Message) -> None:
        visitor = (scope.get("client") or ("",))[0]
        wait = self.allowance.take(visitor)
        if wait:
            after = str(int(wait) + 1)
            raise Refusal(
                429, f"too many questions at once; ask again in {after} s", ((b"retry-after", after.encode()),)
            )


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def _bounded(receive: Receive) -> Receive:
    """The body as it comes, up to the most that is read: a sender need not tell its length."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BYTES:
            return {"type": "http.disconnect"}
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            had = {name for name, _ in message["headers"]}
            more = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in had]
            if b"cache-control" not in had:
                more.append((b"cache-control", b"no-store"))
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return sent


async def _answer(send: Send, status: int, why: str, headers: tuple[tuple[bytes, bytes], ...]) -> None:
    """A short answer in plain words, to people and programs alike."""
    body = (why + "\n").encode() if why else b""
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            *headers,
        ],
    }
    await _with_headers(send)(start)
    await send({"type": "http.response.body", "body": body})
