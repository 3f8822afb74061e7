"""The e-invoice embedded in a PDF: Factur-X, ZUGFeRD, Order-X, XRechnung, or any CII or UBL document."""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

MAX_BYTES = 5 * 2**20
_MAX_ATTACHMENTS = 50
_MOST_COUNTED = 10_000
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(\w{1,60})[\s>/]")
_ROOTS = frozenset(
    {
        "CrossIndustryInvoice",
        "CrossIndustryDocument",
        "SCRDMCCBDACIOMessageStructure",
        "Invoice",
        "CreditNote",
    }
)
_ENCODING = re.compile(rb"""^<\?xml[^>]{0,100}?encoding=["']([A-Za-z0-9._-]{1,40})["']""")
_ENDS = {"<!--": "-->", "<?": "?>", "<!DOCTYPE": ">"}  # what may stand before the root, and its end


def find_invoice_xml(document: pikepdf.Pdf) -> tuple[str | None, int]:
    """The first attachment that is an e-invoice, as text, and how many that may be one were not read.

    None when there is none of up to 5 MB among the first 50 attachments.
    """
    specifications, beyond = _specifications(document)
    unread = beyond
    for name, stream in _attachments(specifications):
        if name.lower().endswith(".xml"):
            content = _bounded_bytes(stream)
            text = _text(content)
            if text is not None and _is_invoice(text):
                return text, 0
            unread += content is None
    return None, unread


def count_documents(document: pikepdf.Pdf) -> int:
    """How many documents lie inside: each file of a portfolio, of other PDFs those attached that are PDFs.

    An e-invoice's XML is none: it is read.
    """
    portfolio = "/Collection" in document.Root
    specifications, beyond = _specifications(document)
    inside = {
        stream.objgen if stream.is_indirect else (name, 0)
        for name, stream in _attachments(specifications)
        if _is_pdf(name, stream) or (portfolio and not name.lower().endswith(".xml"))
    }
    return len(inside) + (beyond if portfolio else 0)


def _is_pdf(name: str, stream: pikepdf.Stream) -> bool:
    return name.lower().endswith(".pdf") or stream.get("/Subtype") == "/application/pdf"


def _specifications(document: pikepdf.Pdf) -> tuple[list[Any], int]:
    """The catalogue's associated files first, for they are the invoice; and how many more there are."""
    specifications: list[Any] = []
    beyond = 0
    associated = document.Root.get("/AF")
    if isinstance(associated, pikepdf.Array):
        everything = list(associated)
        specifications += everything[:_MAX_ATTACHMENTS]
        beyond += len(everything[_MAX_ATTACHMENTS:])
    names = document.Root.get("/Names")
    tree = names.get("/EmbeddedFiles") if isinstance(names, pikepdf.Dictionary) else None
    if isinstance(tree, pikepdf.Dictionary):
        values = iter(pikepdf.NameTree(tree).values())
        specifications += itertools.islice(values, _MAX_ATTACHMENTS)
        beyond += sum(1 for _ in itertools.islice(values, _MOST_COUNTED))
    return specifications, beyond


def _attachments(specifications: list[Any]) -> Iterator[tuple[str, pikepdf.Stream]]:
    """File names and contents."""
    for specification in specifications:
        if isinstance(specification, pikepdf.Dictionary):
            stream = _stream(specification)
            if stream is not None:
                yield _name(specification), stream


def _stream(specification: pikepdf.Dictionary) -> pikepdf.Stream | None:
    files = specification.get("/EF")
    if not isinstance(files, pikepdf.Dictionary):
        return None
    found = files.get("/UF") or files.get("/F")
    return found if isinstance(found, pikepdf.Stream) else None


def _name(specification: pikepdf.Dictionary) -> str:
    for key in ("/UF", "/F"):
        value = specification.get(key)
        if isinstance(value, pikepdf.String):
            return str(value)
    return ""


def _bounded_bytes(stream: pikepdf.Stream) -> bytes | None:
    """The stream's contents, or None when they are more than ``MAX_BYTES`` or packed in an unusual way."""
    filters = stream.get("/Filter")
    if isinstance(filters, pikepdf.Array) and len(filters) == 1:
        filters = filters[0]
    raw = stream.read_raw_bytes()
    if filters is None or (isinstance(filters, pikepdf.Array) and len(filters) == 0):
        return raw if len(raw) <= MAX_BYTES else None
    if filters != pikepdf.Name.FlateDecode:
        return None
    try:
        data = zlib.decompressobj().decompress(raw, MAX_BYTES + 1)
    except zlib.error:
        return None
    return data if len(data) <= MAX_BYTES else None


def _text(data: bytes | None) -> str | None:
    if not data:
        return None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    named = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode(named[1].decode() if named else "cp1252", errors="replace")
    except LookupError:
        return data.decode("cp1252", errors="replace")


def _is_invoice(text: str) -> bool:
    root = _ROOT.match(text, _root_at(text))
    return root is not None and root[1] in _ROOTS


def _root_at(text: str) -> int:
    """Where the first element begins: licences of any length may stand before it, each read once."""
    at = text.find("<")
    while at >= 0:
        end = next((end for start, end in _ENDS.items() if text.startswith(start, at)), None)
        if end is None:
            return at
        after = text.find(end, at)
        at = text.find("<", after) if after >= 0 else -1
    return len(text)
