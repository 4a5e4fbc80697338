"""Whole networks in virtual time: stations, readers, a centre and everything that goes wrong between them."""
