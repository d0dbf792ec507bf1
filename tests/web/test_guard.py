"""The guard: whom a request came to, from which page, with which token, how large it is, how often."""

import asyncio
import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from web.site import QUICK, Here

from gaemi.web import guard as guarding
from gaemi.web.guard import COOKIE, HEADERS, LOOPBACK, MOST_BYTES, POLICY, Allowance, Guard

HOST = "127.0.0.1:8800"
TOKEN = "a-token-of-some-length"


@dataclass
class Told:
    """What a guard sent: the status, headers and body, and whether the application behind it was asked."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    reached: list[Any] = field(default_factory=list)


def knock(
    to: Guard | None = None,
    method: str = "GET",
    path: str = "/country",
    query: str = "",
    pieces: Sequence[bytes] = (b"",),
    client: str = "127.0.0.1",
    **headers: str,
) -> Told:
    """One request to a guard; headers are given as ``sec_fetch_site="cross-site"``, the host is ours unless said."""
    told = Told()
    given = {"host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in given.items() if value != "-"]
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": raw,
        "client": (client, 50_000),
    }  # fmt: skip
    coming = list(pieces)

    async def receive() -> dict[str, Any]:
        if not coming:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": coming.pop(0), "more_body": bool(coming) or len(pieces) > 50}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            told.status = message["status"]
            told.headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
        else:
            told.body += message["body"]

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        told.reached.append(scope)
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError("it went away")
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    guard = to or Guard(inner, LOOPBACK)
    guard.inner = inner
    asyncio.run(guard(scope, receive, send))
    return told


def with_token(token: str = TOKEN, hosts: tuple[str, ...] = LOOPBACK) -> Guard:
    return Guard(None, hosts, token)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8800", "localhost", "LocalHost:1", "localhost:65535", "[::1]:8800", "[::1]"]
)
def test_the_loopback_is_asked_by_its_names_on_any_port(host: str) -> None:
    assert 200 == knock(host=host).status


@pytest.mark.parametrize(
    "host",
    [
        *("evil.com", "evil.com:8800", "127.0.0.1.evil.com", "127.0.0.1.evil.com:8800", "localhost.evil.com", "-", ""),
        *(
            "127.0.0.2",
            "0.0.0.0:8800",
            "[::2]:8800",
            "[::1",
            "::1",
            "[::1]evil.com",
            "evil.com#127.0.0.1",
            "[",
            ":8800",
        ),
        *("127.0.0.1:8800:evil", "evil@127.0.0.1", "127.0.0.1/evil", "localhost.", "127.0.0.1 ", "local\xa0host", "²"),
    ],
)
def test_a_name_that_was_led_to_this_machine_is_told_nothing(host: str) -> None:
    told = knock(host=host)
    assert (421, []) == (told.status, told.reached)
    assert b"127.0.0.1, localhost, ::1" in told.body


def test_a_name_of_the_machine_is_ours_however_it_is_written() -> None:
    guard = with_token(hosts=(*LOOPBACK, "Risk.Firm.kr"))
    for host in ("risk.firm.kr", "RISK.firm.kr:80"):
        assert 200 == knock(guard, host=host, authorization=f"Bearer {TOKEN}").status
    assert 421 == knock(guard, host="firm.kr", authorization=f"Bearer {TOKEN}").status


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH"])
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.com"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
        {"origin": "http://127.0.0.1:8801"},
        {"origin": f"http://{HOST}.evil.com"},
        {"origin": f"http://evil.com/{HOST}"},
        {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "origin": f"http://{HOST}"},
        {"sec_fetch_site": "anything else"},
    ],
)
def test_another_page_changes_nothing(method: str, headers: dict[str, str]) -> None:
    told = knock(method=method, **headers)
    assert (403, []) == (told.status, told.reached)


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(
    "headers",
    [
        {},  # a program
        {"origin": f"http://{HOST}"},
        {"origin": f"http://{HOST}", "sec_fetch_site": "same-origin", "sec_fetch_mode": "cors"},
        {"sec_fetch_site": "none", "sec_fetch_mode": "navigate"},
    ],
)
def test_our_own_pages_and_programs_may_ask(method: str, headers: dict[str, str]) -> None:
    assert 200 == knock(method=method, **headers).status


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_another_page_may_lead_here_but_not_read_or_find_out(site: str, method: str) -> None:
    for mode in ("no-cors", "cors", "websocket", None):
        told = knock(method=method, sec_fetch_site=site, **({"sec_fetch_mode": mode} if mode else {}))
        assert (403, []) == (told.status, told.reached), mode
    assert 200 == knock(method=method, sec_fetch_site=site, sec_fetch_mode="navigate").status


def test_on_the_loopback_no_token_is_asked_for() -> None:
    assert 200 == knock().status and 200 == knock(query="token=whatever").status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer "},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": "Bearer \xff\xfe"},
        {"cookie": f"{COOKIE}=wrong"},
        {"cookie": f"{COOKIE}="},
        {"cookie": f"other={TOKEN}"},
        {"cookie": "a/b=1; ==;; expires=; \xff"},
    ],
)
def test_without_the_token_nothing_is_told(headers: dict[str, str]) -> None:
    for method in ("GET", "POST", "HEAD"):
        told = knock(with_token(), method, **headers)
        assert (401, []) == (told.status, told.reached)
        assert "Bearer" == told.headers["www-authenticate"] and TOKEN not in str(told)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {TOKEN}"},
        {"cookie": f"{COOKIE}={TOKEN}"},
        {"cookie": f"a/b=1; {COOKIE}=old; {COOKIE}={TOKEN};expires=x"},
    ],
)
def test_with_the_token_one_is_let_in(headers: dict[str, str]) -> None:
    for method in ("GET", "POST"):
        assert 200 == knock(with_token(), method, **headers).status


def test_a_token_in_the_address_becomes_a_cookie_and_leaves_the_address() -> None:
    told = knock(with_token(), path="/나라 a", query=f"shock=KOSPI+-20%25&token={TOKEN}&scale=&lang=ko")
    assert (303, []) == (told.status, told.reached)
    assert "/%EB%82%98%EB%9D%BC%20a?shock=KOSPI+-20%25&scale=&lang=ko" == told.headers["location"]
    assert f"{COOKIE}={TOKEN}; HttpOnly; SameSite=Strict; Path=/" == told.headers["set-cookie"]
    assert 401 == knock(with_token(), query="token=wrong").status
    assert 401 == knock(with_token(), query=f"token=wrong&token={TOKEN}").status
    assert 401 == knock(with_token(), "POST", query=f"token={TOKEN}").status


@pytest.mark.parametrize("path", ["//evil.com/", "///evil.com", "/\\evil.com", "/a\r\nset-cookie: b=c", "//"])
def test_the_address_without_its_token_is_one_of_this_site(path: str) -> None:
    location = knock(with_token(), path=path, query=f"token={TOKEN}").headers["location"]
    assert "/" == location[0] and location[1:2] not in ("/", "\\") and "\n" not in location


@pytest.mark.parametrize("length", [str(MOST_BYTES + 1), "9" * 18, "9" * 5000, "-1", "²", "1e3", "", "+5", " 5"])
def test_a_body_that_is_said_to_be_too_large_is_not_read(length: str) -> None:
    told = knock(method="POST", content_length=length)
    assert (413, []) == (told.status, told.reached)
    assert b"12 MB" in told.body


def test_a_body_that_says_nothing_of_its_length_is_read_up_to_the_most() -> None:
    megabyte = b"x" * (1 << 20)
    most = knock(method="POST", pieces=[megabyte] * 12)
    assert (200, b"ok") == (most.status, most.body)
    for more in ([*[megabyte] * 12, b"x"], [b"x" * (MOST_BYTES + 1)]):
        assert 413 == knock(method="POST", pieces=more).status
    lying = knock(method="POST", pieces=[*[megabyte] * 12, b"x"], content_length="5")
    assert 413 == lying.status and b"12 MB" in lying.body


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "MOST_SECONDS", 0.2)
    told = knock(method="POST", pieces=[b"x"] * 51)  # it says that more will come
    assert 408 == told.status and b"ok" not in told.body


def test_costly_questions_are_so_many_at_once_and_a_minute() -> None:
    now = [1000.0]
    guard = with_token()
    guard.token, guard.allowance = None, Allowance(burst=3, a_minute=60, clock=lambda: now[0])
    assert [200, 200, 200, 429] == [knock(guard, "POST").status for _ in range(4)]
    told = knock(guard, "POST", path="/api/account")
    assert "2" == told.headers["retry-after"] and [] == told.reached
    assert {"where", "found", "allowed", "help"} == set(json.loads(told.body)["faults"][0])
    assert 200 == knock(guard, "GET").status and 200 == knock(guard, "DELETE").status, "to read and to end is free"
    assert 200 == knock(guard, "POST", client="127.0.0.2").status, "another visitor has an allowance of its own"
    now[0] += 1.0
    assert [200, 429] == [knock(guard, "POST").status for _ in range(2)]
    now[0] += 3600
    assert [200, 200, 200, 429] == [knock(guard, "POST").status for _ in range(4)]


def test_as_many_visitors_as_are_remembered_take_no_more_room() -> None:
    allowance = Allowance(most_visitors=5, burst=1)
    assert [0.0] * 50 == [allowance.take(str(i)) for i in range(50)]
    assert 5 == len(allowance.left)


@pytest.mark.parametrize("refused", [{}, {"host": "evil.com"}, {"sec_fetch_site": "cross-site"}])
def test_every_answer_has_the_headers(refused: dict[str, str]) -> None:
    told = knock(**refused)
    assert HEADERS.items() <= told.headers.items() and "no-store" == told.headers["cache-control"]
    assert "unsafe" not in POLICY and POLICY.startswith("default-src 'none'")


def test_a_head_is_a_get_without_a_body() -> None:
    told = knock(method="HEAD")
    assert (200, b"", "2") == (told.status, told.body, told.headers["content-length"])
    assert "GET" == told.reached[0]["method"]


def test_no_socket_is_opened() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(with_token()({"type": "websocket", "headers": []}, None, send))  # type: ignore[arg-type]
    assert [{"type": "websocket.close", "code": 1008}] == sent


def raw(here: Here, request: bytes, half_closed: bool = False) -> bytes:
    """What the server itself says to some bytes."""
    with socket.create_connection(("127.0.0.1", here.port), timeout=20) as line:
        line.sendall(request)
        if half_closed:
            line.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := line.recv(65_536):
            answer += piece
            if b"\r\n\r\n" in answer:
                break
    return answer


POST = b"POST /api/account HTTP/1.1\r\nHost: localhost\r\ncontent-type: application/json\r\n"


def test_a_server_is_not_held_by_bodies_of_any_kind(site: Here) -> None:
    whole = json.dumps(QUICK).encode()
    chunk = b"%x\r\n%s\r\n" % (len(whole), whole)
    assert b" 20" in raw(site, POST + b"transfer-encoding: chunked\r\n\r\n" + chunk + b"0\r\n\r\n").partition(b"\r")[0]
    megabyte = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
    form = POST.replace(b"api/account", b"book").replace(b"application/json", b"multipart/form-data; boundary=x")
    part = b'--x\r\ncontent-disposition: form-data; name="files"; filename="holdings.csv"\r\n\r\n'
    for start in (POST, form):
        begin = start + b"transfer-encoding: chunked\r\n\r\n" + (b"%x\r\n%s\r\n" % (len(part), part))
        assert b" 413 " in raw(site, begin + megabyte * 13).partition(b"\r")[0]
    assert b" 413 " in raw(site, POST + b"content-length: 99999999999\r\n\r\n{}")
    assert b" 400 " in raw(site, POST + b"content-length: 5\r\ncontent-length: 7\r\n\r\n{}")
    assert raw(site, POST + b"content-length: 500\r\n\r\n{}", half_closed=True)[:12] in (b"", b"HTTP/1.1 400")
    assert 200 == site.get("/glossary").status_code, "and it goes on"


@pytest.mark.parametrize("headers", [b"Host: evil.com\r\n", b"Host: [::1\r\n", b"Host: a\r\nHost: localhost\r\n", b""])
def test_a_server_answers_no_other_name(site: Here, headers: bytes) -> None:
    first = raw(site, b"GET /country HTTP/1.1\r\n" + headers + b"\r\n").partition(b"\r")[0]
    assert b" 421 " in first or b" 400 " in first
    assert b" 421 " in raw(site, b"GET /country HTTP/1.0\r\n\r\n").partition(b"\r")[0]


@pytest.mark.parametrize(
    "path",
    ["/country", "/account", "/book", "/glossary", "/api", "/", "/none", "/static/gaemi.js", "/api/openapi.json"],
)
def test_the_site_sends_its_headers_with_everything(site: Here, path: str) -> None:
    answer = site.get(path, headers={"accept": "text/html"})
    for name, value in HEADERS.items():
        assert value == answer.headers[name]
    expected = "max-age=300" if "static" in path else "no-store"
    assert expected == answer.headers["cache-control"]
    assert "server" not in answer.headers


def test_no_application_drops_what_the_guard_asks(site: Here) -> None:
    """The whole of a chain, as a browser that was led astray would ask."""
    evil = {"origin": "https://evil.com", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    for path in ("/account", "/country", "/book", "/api/account", "/api/country"):
        assert 403 == site.post(path, headers=evil, data={"shock": "-20%"}).status_code
    assert 200 == site.get("/country", headers=evil).status_code
    assert 403 == site.get("/api/law?path=margin.maintenance", headers=evil | {"sec-fetch-mode": "cors"}).status_code
