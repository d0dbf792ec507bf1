"""The pages of ``gaemi hindcast`` and of its score."""

from collections.abc import Mapping
from typing import Any

from gaemi.answers import hindcast_sheets as past
from gaemi.answers import score_sheets as score
from gaemi.answers import wording
from gaemi.answers.report.command import command_line
from gaemi.answers.report.render import frame, present, rendered
from gaemi.answers.spread import days_words
from gaemi.answers.state_sheets import ensemble_words, layers_words

SECTIONS = (
    ("balances", "balances", "Balances"),
    ("forced", "forced", "Forced sales"),
    ("margin_sold", "margin-sold", "Margin loans sold"),
    ("errors", "errors", "Errors"),
    ("breaks", "breaks", "Breaks"),
    ("assumptions", "assumptions", "Assumptions"),
    ("computed", "computed", "How computed"),
)
SCORE_SECTIONS = (
    ("boards", "boards", "Scoreboard"),
    ("coverage", "coverage", "Coverage"),
    ("crps", "crps", "Distribution"),
    ("periods", "periods", "Periods"),
    ("worst", "worst", "Furthest off"),
    ("lags", "lags", "Settlement"),
    ("experiments", "experiments", "Natural experiments"),
    ("breaks", "breaks", "Breaks"),
    ("assumptions", "assumptions", "Assumptions"),
    ("computed", "computed", "How computed"),
)
FACTS = ("mode", "horizon", "members", "paths", "known")


def render_hindcast(document: Mapping[str, Any]) -> str:
    """The page of a result of ``gaemi hindcast`` (schema ``gaemi.hindcast/1``) as one HTML document."""
    page = _frame(document, "Hindcast", document.get("title"))
    balances = [past.target(document, market) for market in ("kospi", "kosdaq")]
    every = {prefix: present(past.all_methods(document, prefix)) for prefix in past.TARGETS}
    page |= {
        "mode": past.mode_words(document),
        "known": past.known_words(document),
        "figures": past.figures(document),
        "balances": present(*balances),
        "every_balance": [*every["kospi"], *every["kosdaq"]],
        "forced": present(past.target(document, "forced")),
        "every_forced": every["forced"],
        "margin_sold": present(past.margin_sold(document)),
        "errors": past.errors(document),
        "breaks": present(past.breaks(document)),
    }
    page["sections"] = [(anchor, name) for key, anchor, name in SECTIONS if page.get(key)]
    return rendered("hindcast.html", document, page)


def render_score(document: Mapping[str, Any]) -> str:
    """The page of a result of ``gaemi hindcast --score`` (schema ``gaemi.hindcast.score/1``) as one HTML document."""
    page = _frame(document, "Score of the hindcasts", document.get("title"))
    cases = score.cases(document)
    page |= {
        "figures": score.figures(document),
        "boards": present(*(score.board(document, case) for case in cases)),
        "methods": present(*(score.methods(document, case) for case in cases)),
        "coverage": bool(page["drawn"]["score-coverage"]),
        "crps": bool(page["drawn"]["score-crps"]),
        "periods": present(score.periods(document)),
        "unobserved": [
            f"Not observed, {each.get('name') or 'a period'}: {days_words(each['unobserved'])}."
            for each in document.get("periods") or []
            if isinstance(each.get("unobserved"), list | tuple) and each["unobserved"]
        ],
        "worst": present(score.worst(document)),
        "lags": present(score.lag_split(document)),
        "experiments": [
            {"name": name, "words": words, "tables": present(shown)}
            for name, words, shown in score.experiments(document)
        ],
        "breaks": present(score.breaks(document)),
    }
    page["sections"] = [(anchor, name) for key, anchor, name in SCORE_SECTIONS if page.get(key)]
    return rendered("score.html", document, page)


def _frame(document: Mapping[str, Any], usual: str, title: Any) -> dict[str, Any]:
    """What both pages share: frame, facts of the run, the first lines."""
    page = frame(document, str(title or usual), command_line("hindcast", document, of_paths=("model",)))
    told = {name: document[name] for name in FACTS if document.get(name) is not None}
    page["computed"]["pairs"] = [*wording.flat(told), *page["computed"]["pairs"]]
    return page | {
        "on": wording.day_name(document.get("on")),
        "sentences": list(document.get("sentences") or []),
        "layers": layers_words(document),
        "ensemble": ensemble_words(document),
    }
