"""Bringing messages to every channel, patiently, whatever becomes of one of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import structlog

from autod.alerts.channels import Channel, ChannelFailed
from autod.alerts.message import Message

log = structlog.get_logger("autod.alerts")

MOST_TRIES = 5
MOST_WAITING = 50


class Delivery:
    """Sends to each channel; what one could not take is tried again with each ``again``, a few times."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.channels = channels
        self._waiting: deque[tuple[Channel, Message, int]] = deque(maxlen=MOST_WAITING)

    def send(self, message: Message) -> None:
        """To all channels; never raises."""
        for channel in self.channels:
            self._try(channel, message, 1)

    def again(self) -> None:
        """Once more what failed before."""
        for channel, message, tries in [self._waiting.popleft() for _ in range(len(self._waiting))]:
            self._try(channel, message, tries + 1)

    def _try(self, channel: Channel, message: Message, tries: int) -> None:
        try:
            channel.send(message)
        except ChannelFailed as trouble:
            self._failed(channel, message, tries, trouble.message)
        except Exception as error:  # noqa: BLE001 - a channel that breaks must not end the watching
            self._failed(channel, message, tries, f"unexpected {type(error).__name__}")

    def _failed(self, channel: Channel, message: Message, tries: int, reason: str) -> None:
        lost = tries >= MOST_TRIES
        log.error(
            "An alert could not be sent" + (", given up" if lost else ", tried again"),
            error=ChannelFailed.code,
            channel=channel.name,
            alert=message.name,
            detail=reason,
            next_step=ChannelFailed.next_step,
        )
        if not lost:
            self._waiting.append((channel, message, tries))
