"""What every request passes first: whom it came to, from which page, with which token, how large it is, how often.

A page of another site must not drive this one, read it, or learn that it is there: the name a request asks for is
checked (against rebinding of names), a request that changes something must come from our own page, and nothing but a
page that somebody opened may be asked for from elsewhere.
"""

import asyncio
import hmac
import json
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MOST_BYTES = 12 << 20
"""The largest body that is read: files of a book, all together."""

MOST_SECONDS = 120.0
"""How long a body may take to come."""

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
TOO_LARGE = (413, f"a request may hold {MOST_BYTES >> 20} MB; give larger books to gaemi serve --book")
TOO_SLOW = (408, f"a request must come whole within {MOST_SECONDS:.0f} s")
_SAFE = ("GET", "HEAD", "OPTIONS")
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+))(?::\d{1,5})?", re.ASCII)


@dataclass(slots=True)
class Allowance:
    """How many costly questions each visitor may still ask; it fills up as time passes."""

    left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    most_visitors: int = 10_000
    burst: float = BURST
    a_minute: float = COSTLY_A_MINUTE
    clock: Callable[[], float] = monotonic

    def take(self, visitor: str) -> float:
        """0 where the question may be asked, else seconds to wait."""
        now = self.clock()
        had, since = self.left.pop(visitor, (self.burst, now))
        have = min(self.burst, had + (now - since) * self.a_minute / 60)
        wait = 0.0 if have >= 1 else (1 - have) * 60 / self.a_minute
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
            elif scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            self._check_host(headers)
            self._check_origin(scope["method"], headers)
            if self.token is not None:
                redirect = self._check_token(scope, headers)
                if redirect is not None:
                    raise Refusal(303, "", redirect)
            self._check_size(headers)
            if scope["method"] not in _SAFE and scope["method"] != "DELETE":
                self._check_allowance(scope)
        except Refusal as refusal:
            await _answer(scope, send, refusal)
            return
        body = _Body(receive)
        answer = _Sender(send, body, scope["method"] == "HEAD")
        try:
            await self.inner({**scope, "method": "GET"} if answer.is_head else scope, body, answer)
        except Exception:
            if body.refusal is None:
                raise
        if body.refusal is not None and not answer.has_begun:
            await _answer(scope, send, body.refusal)

    def _check_host(self, headers: dict[str, str]) -> None:
        """The name that the request asks for must be ours, else another name was led to this machine."""
        host = headers.get("host", "")
        found = _HOST.fullmatch(host)
        name = (found[1] or found[2]).lower() if found else ""
        if name not in {each.lower() for each in self.hosts}:
            raise Refusal(421, f"this site answers to {', '.join(self.hosts)}, and was asked for '{host[:80]}'")

    def _check_origin(self, method: str, headers: dict[str, str]) -> None:
        site, mode = headers.get("sec-fetch-site"), headers.get("sec-fetch-mode")
        if method in _SAFE:
            if site in ("cross-site", "same-site") and mode != "navigate":
                raise Refusal(403, "another page asked for this; only a page that you open yourself is shown")
            return
        origin = headers.get("origin")
        foreign = site is not None and site not in ("same-origin", "none")
        if foreign or (origin is not None and origin.partition("://")[2] != headers.get("host")):
            raise Refusal(403, "another page asked for this; only this site's own pages may")

    def _check_token(self, scope: Message, headers: dict[str, str]) -> tuple[tuple[bytes, bytes], ...] | None:
        """None where the token came with the request; where it stands in the address, a cookie and the bare address."""
        assert self.token is not None
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in asked if name == "token"]
        cookies = (each.strip().partition("=") for each in headers.get("cookie", "").split(";"))
        kept = [value for name, _, value in cookies if name == COOKIE]
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        if any(_same(each, self.token) for each in (*kept, bearer)):
            return None
        if scope["method"] in _SAFE and given and _same(given[0], self.token):
            rest = urlencode([(name, value) for name, value in asked if name != "token"])
            # One slash alone: an address that begins with two leads to another site.
            path = "/" + quote(scope["path"].lstrip("/")) + (f"?{rest}" if rest else "")
            told = f"{COOKIE}={self.token}; HttpOnly; SameSite=Strict; Path=/"
            return ((b"location", path.encode()), (b"set-cookie", told.encode()))
        why = "this site asks for its token: open the address that gaemi serve printed, or send Authorization: Bearer"
        raise Refusal(401, why, ((b"www-authenticate", b"Bearer"),))

    def _check_size(self, headers: dict[str, str]) -> None:
        length = headers.get("content-length", "0")
        if not re.fullmatch("[0-9]{1,19}", length) or int(length) > MOST_BYTES:
            raise Refusal(*TOO_LARGE)

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


class _Body:
    """The body as it comes, up to the most that is read, for so long at most: a sender need not tell its length."""

    def __init__(self, receive: Receive) -> None:
        self.receive, self.ends = receive, monotonic() + MOST_SECONDS
        self.seen, self.is_whole = 0, False
        self.refusal: Refusal | None = None

    async def __call__(self) -> Message:
        if self.is_whole:
            return await self.receive()
        try:
            message = await asyncio.wait_for(self.receive(), self.ends - monotonic())
        except TimeoutError:
            self.refusal = Refusal(*TOO_SLOW)
            return {"type": "http.disconnect"}
        self.seen += len(message.get("body", b""))
        self.is_whole = not message.get("more_body", False)
        if self.seen > MOST_BYTES:
            self.refusal = Refusal(*TOO_LARGE)
            return {"type": "http.disconnect"}
        return message


class _Sender:
    """Sends an answer with the headers of every answer; nothing of one to a body that is refused meanwhile."""

    def __init__(self, send: Send, body: _Body, is_head: bool = False) -> None:
        self.send, self.body, self.is_head = send, body, is_head
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        if self.body.refusal is not None and not self.has_begun:
            return
        self.has_begun = True
        if message["type"] == "http.response.start":
            message["headers"] = _with_ours(message["headers"])
        elif self.is_head:
            message = {**message, "body": b""}
        await self.send(message)


def _with_ours(headers: Headers) -> Headers:
    had = {name for name, _ in headers}
    ours = {**HEADERS, "cache-control": "no-store"}
    return [*headers, *((name.encode(), value.encode()) for name, value in ours.items() if name.encode() not in had)]


async def _answer(scope: Message, send: Send, refusal: Refusal) -> None:
    """A short answer: in plain words, or to programs in the form of every refusal of the API."""
    body, kind = f"{refusal.why}\n" if refusal.why else "", "text/plain; charset=utf-8"
    if scope["path"].startswith("/api/") and body:
        fault = {"where": scope["path"][:120], "found": str(refusal.status), "allowed": refusal.why, "help": ""}
        body, kind = json.dumps({"faults": [fault]}), "application/json"
    told = [(b"content-type", kind.encode()), (b"content-length", str(len(body.encode())).encode())]
    headers = _with_ours([*told, *refusal.headers])
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body.encode()})
