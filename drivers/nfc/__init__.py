"""NFC readers: a PN532 on a serial line, and whatever else nfcpy drives."""
