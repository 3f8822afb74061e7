"""A hostile XML text as a tree that is walked by local names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

_MAX_CHARACTERS = 20_000_000
_MAX_TEXT = 2_000
_DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>")


@dataclass(frozen=True, slots=True)
class Element:
    """One XML element; names are local, so that versions of a vocabulary read alike.

    Paths are local names joined by ``/``; in each step ``|`` separates names of equal standing.
    """

    raw: Any
    path: str

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def text(self) -> str:
        """The element's own text with its white space collapsed, bounded in length."""
        return " ".join((self.raw.text or "")[:_MAX_TEXT].split())

    def attribute(self, name: str) -> str:
        return str(self.raw.get(name) or "")

    def all(self, path: str) -> Iterator[Element]:
        """Every element at ``path``, in document order."""
        step, _, rest = path.partition("/")
        names = step.split("|")
        for child in self.raw:
            local = _local_name(child)
            if local in names:
                element = Element(child, f"{self.path}/{local}")
                if rest:
                    yield from element.all(rest)
                else:
                    yield element

    def first(self, *paths: str) -> Element | None:
        """The first element with text or children at the first of ``paths`` that has one."""
        for path in paths:
            for element in self.all(path):
                if element.text or len(element.raw):
                    return element
        return None


def parse_xml(xml: str) -> Element | None:
    """The root, or None for text that is not well-formed, too large, or declares a DTD."""
    if len(xml) > _MAX_CHARACTERS:
        return None
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    body = xml.lstrip("\ufeff \r\n\t")
    declaration = _DECLARATION.match(body)
    body = body[declaration.end() :] if declaration else body
    try:
        root = etree.fromstring(body.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        return None
    return Element(root, _local_name(root))


def _local_name(raw: Any) -> str:
    # An unresolved entity reference is a child whose tag is a function, not a string.
    return raw.tag.rpartition("}")[2] if isinstance(raw.tag, str) else ""
