"""The values a person filled into an AcroForm."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pikepdf

from autod.domain.reading import FormField
from autod.read.characters import clean
from autod.read.frame import Frame

MAX_FIELDS = 5_000
_MAX_DEPTH = 20
_MAX_VALUE = 20_000
_HIDDEN = 0b10  # of a widget's flags
_PUSH_BUTTON = 1 << 16
_PASSWORD = 1 << 13


def filled_fields(document: pikepdf.Pdf, frames: dict[int, Frame]) -> tuple[tuple[FormField, ...], int]:
    """Fields with a value, page by page, and how many were left out or cut for being too many or too long.

    ``frames`` are the pages that were read, by their number. Check boxes and radio buttons that are off,
    passwords, buttons and hidden fields do not count.
    """
    found: list[FormField] = []
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
                left_out += len(field.value) >= _MAX_VALUE
    return tuple(found), left_out


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
