"""CSS selectors, compiled to be looked up: each says by which id, class, attribute or tag it can be found.

A page is walked once and its elements' keys are looked up in tables, as style engines of browsers do; only selectors
found there are tried. What is not of this part of CSS is refused: siblings, pseudo-classes but `:not()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from cssselect import SelectorError, parser

_OPERATORS: Mapping[str, Callable[[str, str], bool]] = MappingProxyType(
    {
        "exists": lambda found, _: True,
        "=": lambda found, wanted: found == wanted,
        "~=": lambda found, wanted: wanted in found.split(),
        "^=": lambda found, wanted: bool(wanted) and found.startswith(wanted),
        "$=": lambda found, wanted: bool(wanted) and found.endswith(wanted),
        "*=": lambda found, wanted: bool(wanted) and wanted in found,
        "|=": lambda found, wanted: found == wanted or found.startswith(f"{wanted}-"),
    }
)


class Key(NamedTuple):
    """Say by what an element can be found: an attribute with a value, a token of one, or any; a tag; or nothing."""

    by: Literal["value", "token", "attribute", "tag", "all"]
    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Compound:
    """Hold what is asked of one element."""

    tag: str = ""
    attributes: tuple[tuple[str, str, str], ...] = ()
    nots: tuple[Compound, ...] = ()

    @property
    def key(self) -> Key:
        """Return the narrowest key: an id, a class, an attribute, a tag."""
        return min((*map(_key_of, self.attributes), Key("tag", self.tag) if self.tag else Key("all")), key=_width)

    def holds(self, node: Any) -> bool:
        """Tell whether an element is what is asked for."""
        if self.tag and node.tag != self.tag:
            return False
        for name, operator, wanted in self.attributes:
            found = node.get(name)
            if found is None or not _OPERATORS[operator](found, wanted):
                return False
        return not any(other.holds(node) for other in self.nots)


@dataclass(frozen=True, slots=True)
class Selector:
    """Hold one selector without commas: the element itself, then what is around it, from the inside out."""

    last: Compound
    around: tuple[tuple[str, Compound], ...] = ()

    @property
    def key(self) -> Key:
        """Return the key by which elements are found."""
        return self.last.key

    def holds(self, node: Any) -> bool:
        """Tell whether an element is selected; the work grows with its depth, never with ways to match."""
        if not self.last.holds(node):
            return False
        ancestors = list(node.iterancestors()) if self.around else []
        inner = {-1}  # where in `ancestors` the part further inside may stand
        for combinator, compound in self.around:
            places = [at + 1 for at in inner] if combinator == ">" else range(min(inner) + 1, len(ancestors))
            inner = {at for at in places if at < len(ancestors) and compound.holds(ancestors[at])}
            if not inner:
                return False
        return True


def parse(text: str) -> tuple[Selector, ...]:
    """Parse selectors separated by commas.

    >>> [selector.key for selector in parse("div.promo a[rel=ad], #share")]
    [Key(by='value', name='rel', value='ad'), Key(by='value', name='id', value='share')]

    Raises `ValueError` with what is wrong.
    """
    try:
        found = parser.parse(text)
    except SelectorError as error:
        raise ValueError(f"broken selector: {error}") from None
    for selector in found:
        if selector.pseudo_element:
            raise ValueError(f"::{selector.pseudo_element} is no element of a page")
    return tuple(_selector(selector.parsed_tree) for selector in found)


def _selector(tree: Any) -> Selector:
    around: list[tuple[str, Compound]] = []
    chain = list(_chain(tree))
    for (_, inner), (combinator, _) in zip(chain[1:], chain, strict=False):
        around.append((combinator, _compound(inner)))
    return Selector(_compound(chain[0][1]), tuple(around))


def _chain(tree: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parts from the innermost out, each with the combinator to its left."""
    while isinstance(tree, parser.CombinedSelector):
        if tree.combinator not in (" ", ">"):
            raise ValueError(f"the combinator {tree.combinator!r} is not supported: only descendants and children are")
        yield tree.combinator, tree.subselector
        tree = tree.selector
    yield "", tree


def _compound(tree: Any) -> Compound:
    if getattr(tree, "namespace", None):
        raise ValueError(f"the name space {tree.namespace!r} is not known in pages")
    if isinstance(tree, parser.Element):
        return Compound((tree.element or "").lower())
    if isinstance(tree, parser.Hash):
        return _with(tree, "id", "=", tree.id)
    if isinstance(tree, parser.Class):
        return _with(tree, "class", "~=", tree.class_name)
    if isinstance(tree, parser.Attrib) and tree.operator in _OPERATORS:
        return _with(tree, tree.attrib.lower(), tree.operator, tree.value.value or "" if tree.value else "")
    if isinstance(tree, parser.Negation):
        whole = _compound(tree.selector)
        return replace(whole, nots=(*whole.nots, _compound(tree.subselector)))
    raise ValueError(f"{tree!r} is not supported: write tags, #ids, .classes, [attributes] and :not()")


def _with(tree: Any, name: str, operator: str, value: str) -> Compound:
    whole = _compound(tree.selector)
    return replace(whole, attributes=(*whole.attributes, (name, operator, value)))


def _key_of(attribute: tuple[str, str, str]) -> Key:
    name, operator, value = attribute
    if operator == "=":
        return Key("value", name, value)
    return Key("token", name, value) if operator == "~=" else Key("attribute", name)


def _width(key: Key) -> tuple[int, int]:
    """Order keys from the narrowest; of two alike the longer is the rarer."""
    rank = {"value": 1, "token": 2, "attribute": 3, "tag": 4, "all": 5}[key.by]
    return (0 if key.name == "id" and rank == 1 else rank), -len(key.value)
