"""LaTeX math → MathML, which every browser draws by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any, Literal
from xml.etree.ElementTree import tostring

from latex2mathml.converter import convert_to_element

from verso.api.rendering import RenderContext, View

_DELIMITERS = re.compile(
    r"\A\s*(?:\$\$(?P<a>.+)\$\$|\\\[(?P<b>.+)\\\]|\$(?P<c>[^$]+)\$|\\\((?P<d>.+)\\\))\s*\Z", re.DOTALL
)
_NUMBERED = re.compile(r"\\(begin|end)\{(equation|displaymath)\*?\}")
_ESCAPED_IN_TEXT = re.compile(r"\\([#$%&_ ])")


def to_mathml(latex: str, display: Literal["block", "inline"]) -> str:
    """LaTeX (without its dollars) as a `<math>` element; what can't be read is shown as its source, marked as an error
    with the reason as its title."""
    try:
        tree = convert_to_element(latex, display=display)
    except Exception as error:  # the converter raises a dozen kinds, IndexError among them
        why = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return f'<code class="math-error" title="{escape(why)}">{escape(latex)}</code>'
    # The library's own `convert` unescapes the finished text, by which \text{<b>} would turn into an element.
    for element in tree.iter():
        if element.text:
            element.text = unescape(element.text)
            if element.tag == "mtext":
                element.text = _ESCAPED_IN_TEXT.sub(r"\1", element.text)
    return tostring(tree, encoding="unicode")


def render(content: Any, metadata: Mapping[str, Any], context: RenderContext) -> View | None:
    """The view of `text/latex`: math with or without its delimiters. None for LaTeX beyond math."""
    if not isinstance(content, str):
        return None
    found = _DELIMITERS.match(content)
    latex = _NUMBERED.sub("", next((part for part in found.groups() if part), content) if found else content)
    inline = found is not None and (found["c"] or found["d"])
    drawn = to_mathml(latex.strip(), "inline" if inline and r"\displaystyle" not in latex else "block")
    if drawn.startswith("<code"):
        return None
    return View(content=f'<div class="verso-math">{context.sanitize(drawn)}</div>')
