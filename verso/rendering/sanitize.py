"""What of a stranger's HTML may stand in the page itself: an allow-list for nh3 (ammonia).

What is kept can neither run scripts, nor load anything from the network, nor cover the page, nor send a form.
`is_passive` tells content that loses nothing by this from content that has to go into a sandboxed frame.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

import nh3


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MATHML: Final = _words(
    "math mi mn mo ms mtext mspace mrow mfrac msqrt mroot mstyle merror mpadded mphantom menclose msub msup msubsup "
    "munder mover munderover mmultiscripts mprescripts mtable mtr mtd semantics"
)
_MATHML_ATTRIBUTES: Final = _words(
    "display displaystyle mathvariant mathcolor mathbackground mathsize scriptlevel stretchy fence separator lspace "
    "rspace minsize maxsize symmetric largeop movablelimits accent accentunder linethickness notation width height "
    "depth voffset columnalign rowalign columnspacing rowspacing columnlines rowlines frame columnspan rowspan form"
)
_MEDIA: Final = frozenset({"img", "audio", "video", "source"})
TAGS: Final = (
    (nh3.ALLOWED_TAGS - {"map", "area"}) | _MATHML | _MEDIA | {"section", "input", "main", "font", "meter", "progress"}
)
"""Elements that stay."""

_ATTRIBUTES: Final[dict[str, frozenset[str] | set[str]]] = {
    "*": {"class", "id", "title", "lang", "dir", "style", "role", "aria-label", "aria-hidden", "align", "valign"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height"},
    "audio": {"src", "controls", "loop"},
    "video": {"src", "controls", "loop", "width", "height", "poster"},
    "source": {"src", "type"},
    "input": {"checked", "disabled"},
    "meter": {"value", "min", "max", "low", "high", "optimum"},
    "progress": {"value", "max"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "details": {"open"},
    "time": {"datetime"},
    "td": {"colspan", "rowspan", "headers", "bgcolor", "width"},
    "th": {"colspan", "rowspan", "headers", "scope", "bgcolor", "width"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "font": {"color"},
    **dict.fromkeys(_MATHML, _MATHML_ATTRIBUTES),
}
_STYLES: Final = _words(
    "color background-color text-align vertical-align font-weight font-style font-size font-family text-decoration "
    "border border-top border-right border-bottom border-left border-color border-style border-width border-radius "
    "border-collapse border-spacing padding padding-top padding-right padding-bottom padding-left margin margin-top "
    "margin-right margin-bottom margin-left width height min-width max-width min-height max-height display "
    "white-space overflow-wrap line-height text-indent text-transform letter-spacing float clear overflow overflow-x "
    "overflow-y flex flex-direction flex-wrap justify-content align-items gap grid-template-columns opacity "
    "list-style-type"
)
_ACTIVE_TAGS: Final = _words(
    "script style iframe frame frameset object embed applet form button select textarea canvas svg link base meta "
    "portal dialog slot noscript marquee"
)
_DATA_MEDIA: Final = re.compile(r"data:(?:image|audio|video)/", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[\s\x00-\x1f]*([a-z][a-z0-9+.-]*)\s*:", re.IGNORECASE)
_LINK_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "ftp"})
_PICTURE_SCHEMES: Final = frozenset({"http", "https", "attachment"})


def sanitize(markup: str) -> str:
    """HTML with everything left out that is not known to be harmless. Well-formed; links open without a referrer."""
    return nh3.clean(
        markup,
        tags=set(TAGS),
        clean_content_tags={"script", "style", "svg", "noscript", "template", "iframe", "object"},
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_keep,
        filter_style_properties=set(_STYLES),
        url_schemes={*_LINK_SCHEMES, "data", "attachment"},
        tag_attribute_values={"input": {"type": {"checkbox"}}},
    )


def is_passive(markup: str) -> bool:
    """Whether HTML loses nothing that matters when it is sanitised: no scripts, styles, forms, frames, drawings."""
    finder = _ActiveContent()
    try:
        finder.feed(markup)
        finder.close()
    except _Found:
        return False
    return True


class _Found(Exception):
    """Something active was seen; the rest need not be read."""


class _ActiveContent(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # pandas puts a <style scoped> before every frame: its three rules are in our own style sheet.
        if tag == "style" and any(name == "scoped" for name, _ in attrs):
            return
        if tag in _ACTIVE_TAGS or (tag == "input" and ("type", "checkbox") not in attrs):
            raise _Found
        for name, value in attrs:
            if name.startswith("on") or (
                name in ("href", "src") and (value or "").lstrip().lower()[:11] == "javascript:"
            ):
                raise _Found


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "style":
        return None if re.search(r"url\s*\(|image|expression|\\|/\*", value, re.IGNORECASE) else value
    if attribute in ("src", "poster"):
        scheme = _SCHEME.match(value)
        harmless = scheme is None or _DATA_MEDIA.match(value) or scheme[1].lower() in _PICTURE_SCHEMES
        return value if harmless else None
    if attribute == "href":
        scheme = _SCHEME.match(value)
        return value if scheme is None or scheme[1].lower() in _LINK_SCHEMES else None
    return value
