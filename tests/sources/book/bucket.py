"""A bucket on loopback: the few answers of the S3 interface that reading a folder needs, without a check of keys.

Source: Amazon Simple Storage Service API Reference, HeadObject, GetObject, ListObjectsV2, error responses.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

DATE = "Fri, 31 Oct 2025 06:30:00 GMT"


@contextmanager
def bucket(name: str, files: Mapping[str, bytes], closed: bool = False) -> Iterator[int]:
    """The port of a server that has one bucket with these files; nobody may read a closed one."""

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            split = urlsplit(self.path)
            found, _, key = unquote(split.path).lstrip("/").partition("/")
            if closed:
                self.say(403, error("AccessDenied"))
            elif found != name:
                self.say(404, error("NoSuchBucket"))
            elif not key:
                self.say(200, listed(files, {word: values[0] for word, values in parse_qs(split.query).items()}))
            elif key not in files:
                self.say(404, error("NoSuchKey"))
            else:
                self.give(files[key])

        def give(self, whole: bytes) -> None:
            asked = self.headers.get("Range", "")
            if not asked:
                self.say(200, whole)
                return
            first, last = asked.removeprefix("bytes=").split("-")
            cut = whole[int(first) : int(last) + 1]
            self.say(206, cut, f"bytes {first}-{int(first) + len(cut) - 1}/{len(whole)}")

        def say(self, status: int, body: bytes, span: str = "") -> None:
            self.send_response(status)
            for header, value in (("Content-Length", str(len(body))), ("Last-Modified", DATE), ("ETag", '"1"')):
                self.send_header(header, value)
            if span:
                self.send_header("Content-Range", span)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def error(code: str) -> bytes:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()


def listed(files: Mapping[str, bytes], query: Mapping[str, str]) -> bytes:
    """The answer of ListObjectsV2: files below a prefix, or one level with its folders when a delimiter is given."""
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    below = [key for key in sorted(files) if key.startswith(prefix)]
    deeper = {key for key in below if delimiter and delimiter in key[len(prefix) :]}
    folders = sorted({prefix + key[len(prefix) :].split(delimiter)[0] + delimiter for key in deeper})
    entries = [
        f"<Contents><Key>{key}</Key><LastModified>2025-10-31T06:30:00.000Z</LastModified><ETag>1</ETag>"
        f"<Size>{len(files[key])}</Size></Contents>"
        for key in below
        if key not in deeper
    ]
    entries += [f"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>" for folder in folders]
    count = f"<KeyCount>{len(entries)}</KeyCount><IsTruncated>false</IsTruncated>"
    return f"<?xml version='1.0'?><ListBucketResult>{count}{''.join(entries)}</ListBucketResult>".encode()
