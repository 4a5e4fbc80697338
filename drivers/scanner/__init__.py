"""Barcode scanners on a serial port or a socket: bytes to codes, codes by a library's rules."""
