"""Formulas in LaTeX as MathML for pages, and as one line of plain text.

Standards: MathML Core for the output, pandoc's `tex_math_dollars` for dollars as delimiters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element, tostring  # nosec  (writes, reads nothing)

from latex2mathml.converter import convert_to_element

# Longer formulas stay text: one of this length takes up to 20 ms.
MAX_LENGTH = 1_000
# "$5 and $10" is money: an opening dollar stands before a visible character and not after a letter
# or digit, a closing one after a visible character and not before a digit.
_BODY = rf"(?:[^$\\]|\\[^\n]){{1,{MAX_LENGTH}}}?"
FORMULA = re.compile(
    rf"""
    \$\$ (?P<block>{_BODY}) \$\$
    | (?<![A-Za-z0-9$\\]) \$ (?![\s$]) (?P<inline>{_BODY}) (?<!\s) \$ (?![\d$])
    | (?<!\\) \\\[ (?P<bracket>(?:[^\\]|\\[^][]){{1,{MAX_LENGTH}}}?) \\\]
    | (?<!\\) \\\( (?P<parenthesis>(?:[^\\]|\\[^()]){{1,{MAX_LENGTH}}}?) \\\)
    """,
    re.VERBOSE,
)

# Elements by their number of children, None for any (MathML Core, 3).
_CHILDREN = {
    **dict.fromkeys(("math", "mrow", "mstyle", "msqrt", "mtable", "mtr", "mtd")),
    **dict.fromkeys(("mi", "mn", "mo", "mtext", "mspace"), 0),
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_SCRIPTED = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
MATHML_TAGS = set(_CHILDREN)
MATHML_ATTRIBUTES = {  # no links, styles and colours
    "math": {"display", "tabindex"},
    "mi": {"mathvariant"},
    "mo": {
        *("stretchy", "fence", "form", "largeop", "movablelimits"),
        *("lspace", "rspace", "minsize", "maxsize"),
    },
    "mspace": {"width"},
    "mfrac": {"linethickness"},
    "mover": {"accent"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtd": {"columnalign"},
}
# Lengths under 10 em, so that nothing covers the page.
_VALUE = re.compile(r"true|false|(pre|in|post)fix|normal|left|right|center|-?\d?(\.\d+)?(em)?")
_DEFINITION = re.compile(r"\\(?:newcommand|renewcommand|def|newenvironment|DeclareMathOperator)")
_COMMENT = re.compile(r"(?<!\\)%")
_ESCAPED = re.compile(r"\\([&%$#_{} ])")
_ENTITY = re.compile(r"&(?:lt|gt|amp|nbsp|quot|#39);")
# Environments whose names the converter does not know, or would number.
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{(?:equation\*?)\}|(?<=\{)(?:aligned|align)(?=\})")
_PLAIN_STYLES = {"normal", "italic"}
# The converter takes some operators for identifiers, which have no space around them.
_OPERATOR_CATEGORIES = {"Sm", "Ps", "Pe", "Po"}
_NO_OPERATORS = set("∞∅%'…′")
_OPERATORS = {"~": "∼", "^": "ˆ", "―": "‾"}
_FUNCTION_SPACE = "0.167em"
_RELATIONS = set("=<>≤≥≠≈≃≅≡∼∝∈∉⊂⊆⊃⊇→←↔⇒⇔↦≪≫≔")
_BREAKS_BEFORE = _RELATIONS | set("+−±×⋅")
# In symbols: 15 are about half as wide as a phone.
_LONGEST_UNBROKEN = 15
_SHORTEST_PART = 6


def _styled_letters() -> dict[tuple[str, str], str]:
    """Mathematical letters of Unicode, {("bold", "x"): "𝐱"}: most browsers ignore `mathvariant`."""
    letters: dict[tuple[str, str], str] = {}
    for code in [*range(0x2100, 0x2150), *range(0x1D400, 0x1D800)]:
        kind, _, base = unicodedata.decomposition(chr(code)).partition(" ")
        if kind == "<font>":
            name = unicodedata.name(chr(code)).removeprefix("MATHEMATICAL ")
            style = re.split(" (?:CAPITAL|SMALL|DIGIT)", name)[0].replace("BLACK-LETTER", "FRAKTUR")
            key = style.lower().replace(" ", "-"), chr(int(base, 16))
            letters.setdefault(key, chr(code))
    return letters


_STYLED_LETTERS = _styled_letters()


@lru_cache(maxsize=1024)  # "$x$" stands in many texts
def formula_html(latex: str, *, is_block: bool) -> str | None:
    """MathML of a formula without its delimiters; None if it cannot be read.

    Its text is escaped. A block can be reached by keyboard, since it scrolls sideways on a phone;
    a long formula in a line is written in parts, between which the line can break.
    """
    formula = _read(latex, is_block=is_block)
    if formula is None:
        return None
    parts = [formula] if is_block else _parts(formula)
    return "<wbr>".join(tostring(part, encoding="unicode") for part in parts)


def _parts(formula: Element) -> list[Element]:
    """The formula, if it is long in parts that begin at operators: browsers do not break it."""
    if _symbols(formula) <= _LONGEST_UNBROKEN:
        return [formula]
    parts = [Element("math")]
    for item in formula:
        is_operator = item.tag == "mo" and item.text in _BREAKS_BEFORE
        if is_operator and _symbols(parts[-1]) >= _SHORTEST_PART:
            item.set("form", "infix")
            parts.append(Element("math"))
        parts[-1].append(item)
    return parts


def _symbols(element: Element) -> int:
    return sum(len(part.text or "") for part in element.iter())


def formula_text(latex: str) -> str | None:
    """A formula as plain text, such as "x²" or "O(n log n)"; None if it cannot be read."""
    formula = _read(latex, is_block=False)
    return None if formula is None else text_of_formula(formula)


def text_of_formula(formula: Element) -> str:
    """The same of MathML that `formula_html` wrote."""
    return " ".join(_NEEDLESS_SPACE.sub("", _text(formula)).split())


def plain_formulas(text: str) -> str:
    """`text` with the formulas in it as plain text, as far as they can be read."""
    return FORMULA.sub(lambda match: formula_text(match[match.lastgroup or 0]) or match[0], text)


def _read(latex: str, *, is_block: bool) -> Element | None:
    # Definitions could expand without end.
    if len(latex) > MAX_LENGTH or _DEFINITION.search(latex):
        return None
    latex = _ENTITY.sub(lambda match: unescape(match[0]), latex)
    latex = _COMMENT.sub(r"\\%", latex)  # a percentage: formulas in abstracts have no comments
    latex = _ENVIRONMENT.sub(lambda match: "" if match[0][0] == "\\" else "split", latex)
    try:
        formula = convert_to_element(latex, display="block" if is_block else "inline")
        _clean(formula)
    except Exception:  # the converter raises its own, StopIteration, IndexError and others
        return None
    if len(formula) == 1 and formula[0].tag == "mrow":
        formula[:] = formula[0]
    formula.attrib = {"display": "block", "tabindex": "0"} if is_block else {}
    return formula


class _Unreadable(Exception):
    """The converter did not understand a command, or made invalid MathML of it."""


def _clean(element: Element) -> None:
    """Keep what MathML Core knows, and put spaces around functions. Raises _Unreadable."""
    children = _CHILDREN.get(element.tag, -1)
    if children is not None and len(element) != children:
        raise _Unreadable
    element.text = text = unescape(element.text or "")
    if element.tag == "mtext":
        element.text = text = _ESCAPED.sub(r"\1", text)
    if "\\" in text or (element.tag in {"mi", "mo"} and text == "&"):
        raise _Unreadable
    style = element.get("mathvariant", "normal")
    if style not in _PLAIN_STYLES and element.tag in {"mi", "mn"}:
        element.text = "".join(_STYLED_LETTERS.get((style, sign), sign) for sign in text)
        del element.attrib["mathvariant"]
    if element.tag == "mi" and len(text) == 1 and text not in _NO_OPERATORS:
        is_operator = unicodedata.category(text) in _OPERATOR_CATEGORIES
        element.tag = "mo" if is_operator else "mi"
    if element.tag == "mo":
        element.text = _OPERATORS.get(text, text)
    allowed = MATHML_ATTRIBUTES.get(element.tag, set())
    element.attrib = {
        name: value
        for name, value in element.attrib.items()
        if name in allowed and _VALUE.fullmatch(value)
    }
    for number, child in enumerate(element):
        _clean(child)
        if child.tag == "mrow" and len(child) == 1:
            element[number] = child[0]
    if element.tag not in _SCRIPTED:
        _space_functions(element)


def _space_functions(row: Element) -> None:
    """Space between "log" and its neighbours, unless these are operators or parentheses."""
    for number, item in enumerate(row):
        base = item[0] if item.tag in _SCRIPTED else item
        if base.tag not in {"mi", "mo"} or len(base.text or "") < 2:
            continue
        before, after = row[number - 1 : number], row[number + 1 : number + 2]
        base.tag = "mo"
        base.set("lspace", _FUNCTION_SPACE if before and before[0].tag != "mo" else "0em")
        base.set("rspace", _FUNCTION_SPACE if after and after[0].tag != "mo" else "0em")


_SUPERSCRIPTS = str.maketrans("0123456789+−-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_SUBSCRIPTS = str.maketrans("0123456789+−-=()ijnx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ᵢⱼₙₓ")
_ACCENTS = {"ˆ": "\u0302", "¯": "\u0304", "‾": "\u0304", "→": "\u20d7", "∼": "\u0303"}


_THIN_SPACE = "\u2009"  # beside names of functions
_NEEDLESS_SPACE = re.compile(rf"(?<=[-+−±/([]){_THIN_SPACE}|{_THIN_SPACE}(?=[()[\]])")


def _text(element: Element) -> str:
    parts = [_text(child) for child in element]
    match element.tag:
        case "mi" | "mn" | "mo" | "mtext":
            return _text_of_symbol(element)
        case "mspace":
            return " "
        case "mfrac":
            return "/".join(_grouped(part) for part in parts)
        case "msqrt":
            return f"√{_grouped(''.join(parts))}"
        case "mroot":
            return f"{superscript(parts[1])}√{_grouped(parts[0])}"
        case "mover" if accent := _ACCENTS.get(parts[1].strip()):
            return parts[0] + accent
        case "msup" | "mover":
            return _with_scripts(parts[0], superscript(parts[1]))
        case "msub" | "munder":
            return _with_scripts(parts[0], subscript(parts[1]))
        case "msubsup" | "munderover":
            return _with_scripts(parts[0], subscript(parts[1]) + superscript(parts[2]))
        case "mtable":
            return "; ".join(parts)
        case "mtr":
            return " ".join(parts)
    return "".join(parts)


def _with_scripts(base: str, scripts: str) -> str:
    """The scripts stand before the space that follows a function."""
    end = len(base.rstrip())
    return base[:end] + scripts + base[end:]


def _text_of_symbol(element: Element) -> str:
    text = element.text or ""
    if text in _RELATIONS:
        return f" {text} "
    if element.tag == "mo" and len(text) > 1:
        return f"{_THIN_SPACE}{text}{_THIN_SPACE}"
    # "𝐱" is written "x": mails and tabs of browsers lack such letters.
    return "".join(
        unicodedata.normalize("NFKC", sign) if "\U0001d400" <= sign <= "\U0001d7ff" else sign
        for sign in text
    )


def superscript(text: str) -> str:
    """ "²" of "2", "^(x+y)" of "x+y"."""
    return _script(text, _SUPERSCRIPTS, "^")


def subscript(text: str) -> str:
    """ "₂" of "2", "_θ" of "θ"."""
    return _script(text, _SUBSCRIPTS, "_")


def _script(text: str, letters: dict[int, int], sign: str) -> str:
    text = "".join(text.split()) if text.replace(" ", "") else text
    if text in {"′", "″", "∗", "*", "†"}:
        return text
    if all(ord(letter) in letters for letter in text):
        return text.translate(letters)
    return f"{sign}{_grouped(text)}"


def _grouped(text: str) -> str:
    """In parentheses, unless it is one name or number."""
    text = text.strip()
    return text if len(text) < 2 or text.isalnum() else f"({text})"
