"""pysip2's and invenio-sip2's codecs, for `benchmarks.codec`. Runs in `.venv-peers`:

python -m benchmarks.codec_peers MESSAGE

The message comes in hexadecimal digits. To each line 'NAME NUMBER' on its standard input it answers with the seconds in
which this peer has read and written the message so many times.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import pysip2  # type: ignore[import-not-found]
from flask import Flask  # type: ignore[import-not-found]
from invenio_sip2 import InvenioSIP2  # type: ignore[import-not-found]
from invenio_sip2.api import Message  # type: ignore[import-not-found]
from invenio_sip2.proxies import current_sip2  # type: ignore[import-not-found]
from invenio_sip2.utils import verify_checksum  # type: ignore[import-not-found]

Work = Callable[[], bytes]


def by_pysip2(data: bytes) -> Work:
    """As its server does: a frame to a struct, a struct to a frame."""
    struct = pysip2.decode_message(data, encoding="utf-8").message

    def work() -> Any:
        pysip2.decode_message(data, encoding="utf-8")
        return pysip2.encode_message(struct, sequence_number=1, checksum=True, encoding="utf-8")

    return work


def by_invenio(data: bytes) -> Work:
    """As its server does: the text of a message is read and checked; one is put together from values and written."""
    sample = read_by_invenio(data)

    def work() -> bytes:
        read_by_invenio(data)
        written = Message(message_type=current_sip2.sip2_message_types.get_by_command(sample.command))
        for one in sample.fixed_fields:
            written.add_fixed_field(one.field, one.field_value)
        for one in sample.variable_fields:
            written.add_variable_field(one.field.name, one.field_value)
        written.sequence_number = "1"
        return bytes(str(written), "utf-8")

    return work


def read_by_invenio(data: bytes) -> Any:
    text = data.decode("utf-8").removesuffix("\r")
    message = Message(request=text)
    assert verify_checksum(text)
    return message


def main() -> None:
    """Measure as often as is asked."""
    app = Flask("bench")
    app.config.update(SIP2_LOGGING_CONSOLE=False, SIP2_DATASTORE_REDIS_URL="unix:///nowhere")  # it is never asked
    InvenioSIP2(app)
    data = bytes.fromhex(sys.argv[1])
    with app.app_context():
        peers = {"pysip2": by_pysip2(data), "invenio": by_invenio(data)}
        for name, work in peers.items():
            assert work() == data, name
        for line in sys.stdin:
            name, number = line.split()
            print(seconds(peers[name], int(number)), flush=True)


def seconds(work: Work, number: int) -> float:
    began_s = time.perf_counter()
    for _ in range(number):
        work()
    return time.perf_counter() - began_s


if __name__ == "__main__":
    main()
