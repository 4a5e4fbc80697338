"""The station: flow, loans, store, runtime and screen. It stands on `drivers` and `sync`."""

VERSION = "0.1.0"
