"""From the SVG of the chart compiler to SVG for a page: text alternative, theme colours, names of its own."""

import re
from html import escape

from gaemi.answers.palette import LIGHT

_ROLE_OF = {value: role for role, value in LIGHT.items()}
_COLOUR = re.compile("|".join(re.escape(value) for value in LIGHT.values()))
_ROOT = re.compile(r"<svg[^>]*?viewBox=\"([^\"]+)\"[^>]*>")
_NOISE = re.compile(
    r' (?:class|role|aria-[a-z]+|pointer-events|stroke-miterlimit|font-family)="[^"]*"'
    r'|<path[^>]*?(?: d=""|display="none")[^>]*?/>'
    r'|<rect[^>]*fill="(?:white|transparent)"[^>]*/>'
)
_LONG_NUMBER = re.compile(r"(\d+\.\d\d)\d+")


def for_page(drawn: str, name: str, title: str, description: str) -> str:
    """The drawing as an inline element: no width (it fills its place), no outside name, ids that start with ``name``.

    Colours become ``var(--role)``, so that one drawing serves light and dark. Title and description are read aloud.
    """
    match = _ROOT.search(drawn)
    assert match, "the chart compiler writes a root with a view box"
    body = _NOISE.sub("", drawn[match.end() :])
    body = _LONG_NUMBER.sub(r"\1", body)
    body = re.sub(r"(id=\"|url\(#)(\w+)", rf"\1{name}-\2", body)
    body = _COLOUR.sub(lambda found: f"var(--{_ROLE_OF[found.group()]})", body)
    opening = f'<svg class="chart" viewBox="{match.group(1)}" role="img" aria-labelledby="{name}-title {name}-desc">'
    words = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
    return opening + words + body


def as_file(drawn: str, title: str, description: str) -> str:
    """The drawing as a file of its own, in the light colours."""
    match = _ROOT.search(drawn)
    assert match, "the chart compiler writes a root with a view box"
    words = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    return drawn[: match.end()] + words + drawn[match.end() :]


def as_image(inline: str, style: str) -> str:
    """An inline element of :func:`for_page` as a file of its own that brings its ``style``."""
    opened = inline.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    head, mark, rest = opened.partition(">")
    return f"{head}{mark}<style>{style}</style>{rest}"
