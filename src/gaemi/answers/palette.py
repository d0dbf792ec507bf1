"""The colours of every chart and page: one name for a role, one value for light and one for dark.

Pairs that stand side by side differ in lightness as well as in hue, so that they hold for colour-blind readers and in
grey print. A chart is drawn in the light values; a page turns each into a CSS variable of the same name.
"""

LIGHT = {
    "ink": "#1b2430",
    "muted": "#55606d",
    "grid": "#dde2e7",
    "kospi": "#0b5fa5",
    "kosdaq": "#e8a33d",
    "pledged": "#7b8896",
    "with": "#b3400f",
    "without": "#3f6f97",
    "extra": "#f3c9b4",
    "called": "#c98a12",
    "sold": "#b5410e",
    "residual": "#5c2a87",
    "before": "#a9b4bf",
    "after": "#0c60a6",
    "helped": "#0a7d78",
    "hurt": "#c1501b",
    "published": "#1c2531",
    "model": "#b4420f",
    "other": "#3e7098",
    "zeroed": "#d8623f",
    "wiped": "#8a1f26",
    "graduate": "#1f79c9",
    "forced": "#e7a03a",
    "half": "#5d6975",
    "below": "#919ca8",
    "none": "#b9d4ea",
    "riskfree": "#0b5c9d",
    "longrun": "#b67a0b",
    "outer": "#d7e4f0",
    "inner": "#9fbfda",
    "up": "#0b7a53",
    "down": "#b02a1c",
}

DARK = {
    "ink": "#e8ecf1",
    "muted": "#a5b0bc",
    "grid": "#333c47",
    "kospi": "#4d9de0",
    "kosdaq": "#f4bd62",
    "pledged": "#6f7c8a",
    "with": "#ff8a5c",
    "without": "#86b6dd",
    "extra": "#6b3a26",
    "called": "#e5b04b",
    "sold": "#f58053",
    "residual": "#c9a2ec",
    "before": "#66727f",
    "after": "#4e9ee1",
    "helped": "#43c3ba",
    "hurt": "#f18a58",
    "published": "#e9edf2",
    "model": "#f68154",
    "other": "#87b7de",
    "zeroed": "#c2573a",
    "wiped": "#ff9385",
    "graduate": "#2f80d0",
    "forced": "#f7cb78",
    "half": "#7b8794",
    "below": "#b5c0cb",
    "none": "#35577a",
    "riskfree": "#5ca8e8",
    "longrun": "#edba57",
    "outer": "#22384c",
    "inner": "#3f688c",
    "up": "#4fc79a",
    "down": "#ff8a7a",
}

ROLES = {
    "ko": {
        "light": {
            **{"up": "#c4161c", "down": "#1550b5", "graduate": "#d7302c", "helped": "#b32025", "hurt": "#2b6cc4"},
            **{"zeroed": "#4f83c9", "wiped": "#153a75"},
        },
        "dark": {
            **{"up": "#ff7a70", "down": "#78aef5", "graduate": "#e0524a", "helped": "#ff9085", "hurt": "#74a9ef"},
            **{"zeroed": "#3f70b3", "wiped": "#a9c9f7"},
        },
    }
}
"""Where a language sees rise and fall in other colours: in Korea red is up and blue is down."""

assert LIGHT.keys() == DARK.keys(), "every role has both values"
assert len(set(LIGHT.values())) == len(LIGHT), "a light value names one role, because pages look it up backwards"


def colours(code: str, shade: str) -> dict[str, str]:
    """Every role's colour in a shade, ``light`` or ``dark``, as a language sees it."""
    return {"light": LIGHT, "dark": DARK}[shade] | ROLES.get(code, {}).get(shade, {})


def css_variables(values: dict[str, str]) -> str:
    """``--kospi:#0b5fa5;...`` for a style sheet."""
    return "".join(f"--{role}:{value};" for role, value in values.items())
