"""From a PDF's own coordinates to those of the page as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass

from autod.domain.reading import Box


@dataclass(frozen=True, slots=True)
class Frame:
    """The visible part of a page: its box in user space (y upward) and how often it is turned.

    ``quarters`` counts quarter turns clockwise from user space to reading position: the page's own
    ``/Rotate`` plus what it takes to bring a sideways page upright.
    """

    left: float
    bottom: float
    right: float
    top: float
    quarters: int = 0

    @property
    def width(self) -> float:
        """Points, as read."""
        return self.top - self.bottom if self.quarters % 2 else self.right - self.left

    @property
    def height(self) -> float:
        """Points, as read."""
        return self.right - self.left if self.quarters % 2 else self.top - self.bottom

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Where the user space point ``x``, ``y`` is on the page: from the left, from the top."""
        match self.quarters % 4:
            case 0:
                return x - self.left, self.top - y
            case 1:
                return y - self.bottom, x - self.left
            case 2:
                return self.right - x, y - self.bottom
            case _:
                return self.top - y, self.right - x

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """The same rectangle on the page."""
        if self.quarters == 0:  # nearly always
            return Box(left - self.left, self.top - top, right - self.left, self.top - bottom)
        x0, y0 = self.point(left, bottom)
        x1, y1 = self.point(right, top)
        return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))

    def turned(self, quarters: int) -> Frame:
        """The page turned clockwise by so many more quarters."""
        return Frame(self.left, self.bottom, self.right, self.top, (self.quarters + quarters) % 4)


def turned_box(box: Box, width: float, height: float, quarters: int) -> Box:
    """``box`` on a page of ``width`` x ``height`` after the page was turned clockwise."""
    match quarters % 4:
        case 0:
            return box
        case 1:
            return Box(height - box.y1, box.x0, height - box.y0, box.x1)
        case 2:
            return Box(width - box.x1, height - box.y1, width - box.x0, height - box.y0)
        case _:
            return Box(box.y0, width - box.x1, box.y1, width - box.x0)
