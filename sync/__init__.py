"""Catalogues, acts and their delivery. A leaf: it knows neither `kiosk` nor `drivers`, and no Qt."""
