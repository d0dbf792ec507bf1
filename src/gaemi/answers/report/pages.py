"""From any document to its page: in one language, or as the one file that holds every language."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from gaemi.answers.language import LANGUAGES, speaking
from gaemi.answers.report.render import hash_of

Renderer = Callable[[Mapping[str, Any]], str]

CHOICE = (
    "if(!location.hash){var l=(navigator.languages||[navigator.language]).find(function(each){"
    "return /^(en|ko)/.test(each)});if(l&&!/^en/.test(l))location.replace('#'+l.slice(0,2))}"
)
"""The one line of script in a saved page: it shows the language that the browser asks for."""

_BODY = re.compile(r"<body>(.*)</body>", re.DOTALL)
_NAMED = re.compile(r'( id="| href="#|url\(#|<label for=")')
_LABELLED = re.compile(r'( aria-labelledby=")([^"]+)"')


def renderer_of(document: Mapping[str, Any]) -> Renderer:
    """Who writes the page of a document, by the name of its schema."""
    from gaemi.answers.report import account, book, coins, hindcast, render, state, told

    renderers: dict[str, Renderer] = {
        "account": account.render_account,
        "book": book.render_book,
        "coin-book": told.render_coin_book,
        "coins": coins.render_coins,
        "compare": render.render_compare,
        "country": render.render_country,
        "hindcast": hindcast.render_hindcast,
        "hindcast.score": hindcast.render_score,
        "state": state.render_state,
        "venue": told.render_venue,
    }
    return renderers[str(document["schema"]).removeprefix("gaemi.").partition("/")[0]]


def page_of(document: Mapping[str, Any]) -> str:
    """The page of a document as HTML, in the look and the language of :func:`gaemi.answers.report.render.dressed`."""
    return renderer_of(document)(document)


def file_of(document: Mapping[str, Any]) -> str:
    """The page of a document as one HTML file in every language: the browser's first, the others a click away."""
    write = renderer_of(document)
    pages = {}
    for code in LANGUAGES:
        with speaking(code):
            pages[code] = write(document)
    return joined(pages)


def joined(pages: Mapping[str, str]) -> str:
    """Pages of one document in several languages as one; each has names of its own, and the first is shown."""
    first = next(iter(pages))
    bodies = []
    for code, page in pages.items():
        found = _BODY.search(page)
        assert found, "a page has a body"
        inner = found.group(1) if code == first else _renamed(found.group(1), code)
        links = " · ".join(
            f'<a href="#{other}" lang="{other}" hreflang="{other}" translate="no">{name}</a>'
            for other, name in LANGUAGES.items()
            if other != code
        )
        bodies.append(
            f'<div class="language" id="{code}" lang="{code}">\n<p class="languages">{links}</p>{inner}</div>\n'
        )
    others = [code for code in pages if code != first]
    shown = "".join(
        f"#{code}{{display:none}}body:has(#{code}:target,#{code} :target) #{code}{{display:block}}"
        f"body:has(#{code}:target,#{code} :target) #{first}{{display:none}}"
        for code in others
    )
    page = _BODY.sub(lambda _: f"<body>\n{''.join(bodies)}<script>{CHOICE}</script>\n</body>", pages[first], count=1)
    policy = f"style-src 'sha256-{hash_of(shown)}'"
    page = page.replace("style-src ", f"script-src 'sha256-{hash_of(CHOICE)}'; {policy} ", 1)
    return page.replace("</head>", f"<style>{shown}</style>\n</head>", 1)


def _renamed(body: str, code: str) -> str:
    """A body whose names start with the code of its language, so that two stand in one page."""
    body = _NAMED.sub(rf"\1{code}-", body)
    return _LABELLED.sub(
        lambda found: found.group(1) + " ".join(f"{code}-{name}" for name in found.group(2).split()) + '"', body
    )
