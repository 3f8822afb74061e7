"""The values a person filled into an AcroForm."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import pikepdf

from autod.domain.reading import Box, FormField, Line, Page, Word
from autod.read.characters import clean
from autod.read.frame import Frame

MAX_FIELDS = 5_000
_MAX_DEPTH = 20
_MAX_VALUE = 20_000
_HIDDEN = 0b100010  # of a widget's flags: hidden, or not to be viewed
_LEAST_SIDE = 4.0  # points: nobody reads what is smaller
_LETTER = 6.0  # points wide
_PUSH_BUTTON = 1 << 16
_PASSWORD = 1 << 13


class Filled(NamedTuple):
    """Fields with a value, page by page; ``left_out`` counts those cut for being too many or too long.

    ``undrawn`` are those whose file has no drawing of the value: every viewer draws it itself.
    """

    fields: tuple[FormField, ...] = ()
    undrawn: tuple[FormField, ...] = ()
    left_out: int = 0


def filled_fields(document: pikepdf.Pdf, frames: dict[int, Frame]) -> Filled:
    """What was filled in.

    ``frames`` are the pages that were read, by their number. Check boxes and radio buttons that are off,
    passwords, buttons and hidden fields do not count.
    """
    found: list[FormField] = []
    undrawn: list[FormField] = []
    left_out = 0
    for number, frame in frames.items():
        if number > len(document.pages):
            break
        annotations = document.pages[number - 1].obj.get("/Annots")
        if not isinstance(annotations, pikepdf.Array):
            continue
        room = min(len(annotations), MAX_FIELDS - len(found))
        left_out += len(annotations) - room
        for index in range(room):
            widget = annotations[index]
            if not isinstance(widget, pikepdf.Dictionary) or widget.get("/Subtype") != "/Widget":
                continue
            field = _field(widget, number, frame)
            if field is not None:
                found.append(field)
                if _is_undrawn(widget):
                    undrawn.append(field)
                left_out += len(field.value) >= _MAX_VALUE
    return Filled(tuple(found), tuple(undrawn), left_out)


def _is_undrawn(widget: pikepdf.Dictionary) -> bool:
    kind = str(_inherited(list(_ancestry(widget)), "/FT"))
    drawn = widget.get("/AP")
    return kind in ("/Tx", "/Ch") and not (isinstance(drawn, pikepdf.Dictionary) and "/N" in drawn)


def with_undrawn(page: Page, fields: Iterable[FormField]) -> Page:
    """The page with the lines that a viewer draws into its fields, where nothing else stands."""
    middles = sorted(_middle(word.box) for line in page.lines for word in line.words)
    lines = list(page.lines)
    for field in fields:
        box = field.box
        if field.page != page.number or box is None or not _is_seen(box, page):
            continue
        near = middles[bisect_left(middles, (box.y0,)) : bisect_right(middles, (box.y1, page.width))]
        if not any(box.x0 <= x <= box.x1 for _, x in near):
            for line in _drawn_lines(field.value, box):
                lines.insert(_place(line.box, lines), line)
    return page if len(lines) == len(page.lines) else replace(page, lines=tuple(lines))


def _middle(box: Box) -> tuple[float, float]:
    return (box.y0 + box.y1) / 2, (box.x0 + box.x1) / 2


def _place(box: Box, lines: list[Line]) -> int:
    """Where a line comes in reading order: before those lower down, and those to its right in its row."""
    middle, _ = _middle(box)
    for number, line in enumerate(lines):
        if line.box.y0 > middle or (line.box.y0 <= middle <= line.box.y1 and line.box.x0 > box.x0):
            return number
    return len(lines)


def _is_seen(box: Box, page: Page) -> bool:
    on_page = box.x0 >= 0 and box.y0 >= 0 and box.x1 <= page.width and box.y1 <= page.height
    return on_page and box.x1 - box.x0 >= _LEAST_SIDE and box.y1 - box.y0 >= _LEAST_SIDE


def _drawn_lines(value: str, box: Box) -> Iterator[Line]:
    """The value from the field's left side on, its lines one under the other."""
    rows = [row for row in value.split("\n") if row.strip()]
    height = (box.y1 - box.y0) / len(rows)
    for number, row in enumerate(rows):
        letter = min(_LETTER, (box.x1 - box.x0) / len(row))
        top = box.y0 + number * height
        yield Line(
            tuple(
                Word(
                    m.group(), Box(box.x0 + m.start() * letter, top, box.x0 + m.end() * letter, top + height)
                )
                for m in re.finditer(r"\S+", row)
            )
        )


def has_unread_form(document: pikepdf.Pdf) -> bool:
    """Whether the form is XFA alone: its pages only ask to wait, and its values stand in no field."""
    form = document.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary) or "/XFA" not in form:
        return False
    fields = form.get("/Fields")
    bare = not isinstance(fields, pikepdf.Array) or len(fields) == 0
    return bare or bool(document.Root.get("/NeedsRendering"))


def _field(widget: pikepdf.Dictionary, page: int, frame: Frame) -> FormField | None:
    chain = list(_ancestry(widget))
    flags = _inherited(chain, "/Ff")
    bits = int(flags) if isinstance(flags, int) else 0
    seen = widget.get("/F")
    if isinstance(seen, int) and seen & _HIDDEN:
        return None
    match str(_inherited(chain, "/FT")):
        case "/Btn":
            value = "" if bits & _PUSH_BUTTON else _state(widget)
        case "/Tx":
            value = "" if bits & _PASSWORD else _text(_inherited(chain, "/V"))
        case "/Ch":
            value = _choice(_inherited(chain, "/V"), _inherited(chain, "/Opt"))
        case _:
            value = ""
    if not value.strip():
        return None
    name = ".".join(_text(step.get("/T")) for step in reversed(chain) if "/T" in step)
    return FormField(name, value.strip(), page, _box(widget, frame))


def _ancestry(widget: pikepdf.Dictionary) -> Iterator[pikepdf.Dictionary]:
    """The widget, its parent and so on; hostile files make circles."""
    step: Any = widget
    for _ in range(_MAX_DEPTH):
        if not isinstance(step, pikepdf.Dictionary):
            return
        yield step
        step = step.get("/Parent")


def _inherited(chain: list[pikepdf.Dictionary], key: str) -> Any:
    return next((step[key] for step in chain if key in step), None)


def _text(value: Any) -> str:
    if isinstance(value, pikepdf.Stream):
        return ""
    if isinstance(value, pikepdf.Name):
        return str(value).removeprefix("/")
    if not isinstance(value, pikepdf.String | str):
        return ""
    lines = str(value)[:_MAX_VALUE].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(clean(line) for line in lines)


def _state(button: pikepdf.Dictionary) -> str:
    """The name under which a check box or radio button is on, "" when it is off."""
    state = _text(button.get("/AS"))
    return "" if state == "Off" else state


def _choice(value: Any, options: Any) -> str:
    """What a list shows for its value: options are pairs of export value and shown text."""
    chosen = (
        [_text(value[i]) for i in range(min(len(value), 100))]
        if isinstance(value, pikepdf.Array)
        else [_text(value)]
    )
    shown: dict[str, str] = {}
    if isinstance(options, pikepdf.Array):
        for index in range(min(len(options), MAX_FIELDS)):
            option = options[index]
            if isinstance(option, pikepdf.Array) and len(option) == 2:
                shown[_text(option[0])] = _text(option[1])
    return ", ".join(shown.get(item, item) for item in chosen if item)


def _box(widget: pikepdf.Dictionary, frame: Frame) -> Any:
    rectangle = widget.get("/Rect")
    if not isinstance(rectangle, pikepdf.Array) or len(rectangle) != 4:
        return None
    try:
        x0, y0, x1, y1 = (float(rectangle[i]) for i in range(4))
    except (TypeError, ValueError):
        return None
    return frame.box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
