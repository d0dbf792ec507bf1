"""What must hold of the chart of any view on a page."""

import re
from xml.etree import ElementTree

from gaemi.answers import charts
from gaemi.answers.palette import LIGHT
from gaemi.answers.pictures import Picture


def must_fit_a_page(picture: Picture) -> None:
    """Real text, a text alternative, the colours of the theme, nothing from outside, and no id that stands twice."""
    wide, narrow = charts.page_svg(picture), charts.page_svg(picture, narrow=True)
    root = ElementTree.fromstring(wide)
    assert 5 < len(list(root.iter("text")))
    assert [picture.title, picture.description] == [root.findtext("title"), root.findtext("desc")]
    assert set() == set(re.findall(r"#[0-9a-fA-F]{3,8}\b", wide + narrow))
    assert set(re.findall(r"var\(--([a-z]+)\)", wide + narrow)) <= LIGHT.keys()
    assert "http" not in wide and "<image" not in wide and "style=" not in wide
    ids = [set(re.findall(r'id="([^"]+)"', drawn)) for drawn in (wide, narrow)]
    assert set() == ids[0] & ids[1]
