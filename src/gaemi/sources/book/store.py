"""Where files of a book stand when they stand at a URL: an object store, Hadoop or a local file, through pyarrow."""

import os
import re
import threading
from collections.abc import Callable
from urllib.parse import parse_qsl, quote, unquote

import pyarrow as pa
import pyarrow.fs as pa_fs

from gaemi.errors import Refused, closest, refuse

SCHEMES = ("s3", "gs", "abfs", "abfss", "az", "hdfs", "file")
S3_OPTIONS = ("region", "scheme", "endpoint_override")
ANSWER_SECONDS = 10
"""A store that has not answered by then is refused."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_USER_AND_SECRET = re.compile(r"(://[^:/?#@]*):(.+)@")
_SECRET_OPTION = re.compile(r"([?&][\w.-]*(?:password|secret|key|token|signature|sig)=)([^&]+)", re.IGNORECASE)
_REASONS = (
    (
        r"ACCESS_DENIED|PERMISSION_DENIED|UNAUTHENTICATED|FORBIDDEN|\b40[13]\b|credential|InvalidAccessKey|Signature",
        "must be readable with the credentials at hand",
        "check the keys, the region and the rights to list and read",
    ),
    (r"NO_SUCH_BUCKET|NoSuchBucket|ContainerNotFound", "must be a bucket that is there", ""),
    (
        r"libjvm|libhdfs|CLASSPATH",
        "hdfs is read through Hadoop's own library",
        "install it and set JAVA_HOME, HADOOP_HOME and CLASSPATH, or copy the files to another store",
    ),
    (
        r"account name",
        "must name the account of the container",
        "write it as abfs://container@account.dfs.core.windows.net/folder",
    ),
    (
        r"NETWORK_CONNECTION|UNAVAILABLE|resolve|[Cc]onnect|timed? ?out|Timeout",
        "must be a store that answers",
        "check the address, endpoint_override and the network",
    ),
    (r"bucket name", "must name a bucket", "write it as s3://bucket/folder"),
)
"""What is allowed and what to do, by what a store's library says."""


def is_url(text: str) -> bool:
    """Whether a source is a URL (``s3://...``, ``postgresql://...``), no path."""
    return _URL.match(text) is not None


def shown_url(url: str) -> str:
    """The URL as it may be shown: passwords and keys are hidden."""
    return _SECRET_OPTION.sub(r"\1***", _USER_AND_SECRET.sub(r"\1:***@", url))


def secrets_of(url: str) -> list[str]:
    """The passwords and keys that a URL holds, as written and as meant, longest first.

    A library may take part of a password with a bare sign in it for a port or path, and say so: parts are among them.
    """
    found = [match.group(2) for pattern in (_USER_AND_SECRET, _SECRET_OPTION) for match in pattern.finditer(url)]
    found += [part for secret in found for part in re.split(r"[/@?]", secret) if len(part) > 2]
    return sorted({form for secret in found for form in (secret, unquote(secret))}, key=len, reverse=True)


def store_of(url: str) -> tuple[pa_fs.FileSystem, str]:
    """The file system of a URL and the path in it, when the store has answered.

    ``s3://bucket/folder`` takes its keys from the URL, else from where Amazon's tools do, and the options ``region``,
    ``scheme`` and ``endpoint_override``; ``gs://``, ``abfs://`` (or ``az://``), ``hdfs://`` and ``file://`` are opened
    as pyarrow does. A path that is not there is left to whoever lists it; a bucket that is not there is refused.

    :raises Refused: an unknown scheme or option, no bucket, no permission, no answer within ``ANSWER_SECONDS``.
    """
    shown = shown_url(url)
    scheme = url.partition("://")[0].lower() if is_url(url) else ""
    if scheme not in SCHEMES:
        listed = ", ".join(f"{known}://" for known in SCHEMES)
        raise refuse(shown, f"'{scheme or url}'", f"must begin with one of {listed}", closest(scheme, SCHEMES))
    # A store may never answer, and its library wait for it: its thread is left behind then.
    answer: list[tuple[pa_fs.FileSystem, str] | Exception] = []
    thread = threading.Thread(target=_answer, args=(lambda: _asked(url, scheme), answer), daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    if not answer:
        help = "check the address, endpoint_override and the network"
        raise refuse(shown, f"no answer within {ANSWER_SECONDS} s", "must be a store that answers", help)
    if isinstance(answer[0], Refused):
        raise answer[0]
    if isinstance(answer[0], Exception):
        raise _refusal(url, answer[0])
    return answer[0]


def _answer(
    ask: Callable[[], tuple[pa_fs.FileSystem, str]], answer: list[tuple[pa_fs.FileSystem, str] | Exception]
) -> None:
    try:
        answer.append(ask())
    except (Refused, pa.ArrowException, OSError, ValueError, NotImplementedError, ImportError) as problem:
        answer.append(problem)


def _asked(url: str, scheme: str) -> tuple[pa_fs.FileSystem, str]:
    """The store, opened to be read with patience, after it was asked for the path with none."""
    if scheme == "s3":
        region = _region(url)
        hasty, path = _s3(url, region, patient=False)
        patient = _s3(url, region, patient=True)[0]
    else:
        hasty, path = pa_fs.FileSystem.from_uri(_for_pyarrow(url, scheme, patient=False))
        patient = pa_fs.FileSystem.from_uri(_for_pyarrow(url, scheme, patient=True))[0]
    if not path:
        raise refuse(shown_url(url), "no bucket", "must name a bucket", f"write it as {scheme}://bucket/folder")
    if hasty.get_file_info(path).type == pa_fs.FileType.NotFound and scheme not in ("file", "hdfs"):
        bucket = path.partition("/")[0]
        if _is_missing(hasty, bucket):
            raise refuse(shown_url(url), f"no bucket '{bucket}'", "must be a bucket that is there")
    return patient, path


def _is_missing(store: pa_fs.FileSystem, bucket: str) -> bool:
    """Whether a bucket is not there; one that may not be asked for may be there."""
    try:
        return store.get_file_info(bucket).type == pa_fs.FileType.NotFound
    except (pa.ArrowException, OSError):
        return False


def _for_pyarrow(url: str, scheme: str, patient: bool) -> str:
    """The URL as pyarrow reads it: signs quoted, ``az`` under its other name, and an end to Google's retries."""
    rest = quote(url.partition("://")[2], safe="/:@?&=%+,;~!$'()*[]#")
    if scheme == "gs" and "retry_limit_seconds=" not in rest:
        rest += f"{'&' if '?' in rest else '?'}retry_limit_seconds={60 if patient else 4}"
    return f"{'abfs' if scheme == 'az' else scheme}://{rest}"


def _s3(url: str, region: str | None, patient: bool) -> tuple[pa_fs.FileSystem, str]:
    """The S3 store of a URL with time limits, which pyarrow's own reading of the URL cannot set, and the path."""
    options, user, secret, path = _s3_words(url)
    store = pa_fs.S3FileSystem(
        access_key=user,
        secret_key=secret,
        region=region,
        scheme=options.get("scheme"),
        endpoint_override=options.get("endpoint_override"),
        connect_timeout=10 if patient else 2,
        request_timeout=20 if patient else 4,
        retry_strategy=pa_fs.AwsStandardS3RetryStrategy(max_attempts=4 if patient else 2),
    )
    return store, path


def _s3_words(url: str) -> tuple[dict[str, str], str | None, str | None, str]:
    """Options, key, secret and path of an S3 URL."""
    place, _, query = url.partition("://")[2].partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    for option in options:
        if option not in S3_OPTIONS:
            allowed = f"an option of s3:// must be one of {', '.join(S3_OPTIONS)}"
            raise refuse(shown_url(url), f"'{option}'", allowed, closest(option, S3_OPTIONS))
    # A secret key may hold a slash.
    before, at, after = place.partition("@") if _USER_AND_SECRET.search(url) else ("", "", place)
    user, _, secret = before.partition(":")
    bucket, _, inside = after.partition("/")
    if not bucket:
        raise refuse(shown_url(url), "no bucket", "must name a bucket", "write it as s3://bucket/folder")
    path = f"{bucket}/{unquote(inside)}".rstrip("/")
    return options, unquote(user) if at else None, unquote(secret) if at else None, path


def _region(url: str) -> str | None:
    """The region that the URL or the environment names; of a bucket of Amazon's without one, Amazon is asked."""
    options, _, _, path = _s3_words(url)
    named = options.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if named or "endpoint_override" in options or "AWS_ENDPOINT_URL" in os.environ:
        return named
    return pa_fs.resolve_s3_region(path.partition("/")[0])


def _refusal(url: str, problem: Exception) -> Refused:
    """What a store's library says, in one line, without a secret, and what to do."""
    text = str(problem)
    line = (text.splitlines() or [type(problem).__name__])[0][:200]
    for secret in secrets_of(url):
        line = line.replace(secret, "***")
    for pattern, allowed, help in _REASONS:
        if re.search(pattern, text):
            return refuse(shown_url(url), f"'{line}'", allowed, help)
    return refuse(shown_url(url), f"'{line}'", "must be the URL of a store that can be read")
