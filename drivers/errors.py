"""What can go wrong with a device."""

from __future__ import annotations

from enum import StrEnum

from drivers.events import DownReason


class Retry(StrEnum):
    """When trying the same again may help."""

    NOW = "now"
    LATER = "later"
    NEVER = "never"


class DriverError(Exception):
    """Root of everything this package raises.

    `code` is stable and for logs, `retry` says when to try again, `text_key` names the translated text.
    """

    code = "driver"
    retry = Retry.LATER

    @property
    def text_key(self) -> str:
        """The key of the text for staff."""
        return f"device.{self.code}"


class DeviceLost(DriverError):
    """A device cannot be opened, or stopped serving. Raised inside the device's thread only."""

    def __init__(self, reason: DownReason, detail: str = "") -> None:
        """`reason` is what the owner is told, `detail` is for technicians."""
        super().__init__(f"{reason}: {detail}")
        self.code = reason.value
        self.reason = reason
        self.detail = detail
