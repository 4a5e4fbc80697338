"""Devices: bytes in, events out. A leaf: it knows neither `kiosk` nor `sync`, and no Qt."""
