"""The XML form: MARCXML, and its likes with other namespaces (MarcXchange, OAI-PMH answers).

The file is cut at its `record` elements and each is parsed by itself, by pymarc. So one that is not well-formed spoils
no other, nothing but one record is held, and no document type of the file is ever read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TextIO
from xml.sax import SAXException

from pymarc import PymarcException, XmlHandler, parse_xml

from sync.feed.marc.record import Broken, MarcRecord, Reason

BLOCK = 1 << 16
LONGEST = 8 << 20  # characters; as for the binary form

_NAMESPACE = "http://www.loc.gov/MARC21/slim"
_OPEN = re.compile(r"<(?:[\w.-]+:)?record(?=[\s>])")
_CLOSE = re.compile(r"</(?:[\w.-]+:)?record\s*>")
_PREFIX = re.compile(r"<([\w.-]+):record")
_CONTENT = re.compile(r"<(?:[\w.-]+:)?(?:leader|controlfield|datafield)[\s>]")
_NUMBER = re.compile(r"""tag=["']001["'][^>]*>\s*([^<]{1,64})""")
_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding=["']([\w.:-]+)""")
_LONGEST_CLOSE = 64


def encoding_of(start: bytes) -> str:
    """The encoding of a file that begins like this: by its byte order mark, its declaration, else UTF-8."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    match = _DECLARED.match(start)
    declared = match[1].decode().lower() if match else "utf-8-sig"
    return {"gb2312": "gb18030", "gbk": "gb18030", "utf-8": "utf-8-sig"}.get(declared, declared)


def split(stream: TextIO) -> Iterator[str]:
    """The `record` elements of a file; one without its end was cut off."""
    rest = ""
    looked_at = 0
    while block := stream.read(BLOCK):
        rest += block
        done = 0
        for match in _CLOSE.finditer(rest, looked_at):
            yield from _records(rest[done : match.end()])
            done = match.end()
        rest = rest[done:]
        looked_at = max(0, len(rest) - _LONGEST_CLOSE)
        if len(rest) > LONGEST:
            yield rest
            rest, looked_at = "", 0
    if _CONTENT.search(rest):
        yield rest


def _records(text: str) -> Iterator[str]:
    """What ends with a closing tag is the innermost record; what stands before it and has content was cut off. The
    outer record of OAI-PMH has a header before the inner one, and no content of its own."""
    starts = [match.start() for match in _OPEN.finditer(text)]
    if not starts:
        return
    if _CONTENT.search(text, 0, starts[-1]):
        yield text[starts[0] : starts[-1]]
    if _CONTENT.search(text, starts[-1]):
        yield text[starts[-1] :]


def parse(element: str) -> MarcRecord:
    """Read one `record` element.

    Raises:
        Broken: it is cut off, not well-formed, or not MARC.
    """
    if not _CLOSE.search(element):
        raise _broken(element, Reason.CUT_OFF, "no end of record")
    prefix = _PREFIX.match(element)
    bound = f' xmlns:{prefix[1]}="{_NAMESPACE}"' if prefix else ""
    space = f'xmlns="{_NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    handler = XmlHandler()  # type: ignore[no-untyped-call]
    try:
        parse_xml(io.StringIO(f"<collection {space}{bound}>{element}</collection>"), handler)  # type: ignore[no-untyped-call]
    except (SAXException, PymarcException, KeyError, ValueError) as error:
        raise _broken(element, Reason.BROKEN, _said(error)) from error
    if not handler.records:
        raise _broken(element, Reason.BROKEN, "nothing in it")
    read = handler.records[0]
    record = MarcRecord(str(read.leader))
    for field in read.fields:
        record.add(field)
    return record


def _said(error: Exception) -> str:
    """What is wrong, without the text it is wrong with."""
    return error.getMessage() if isinstance(error, SAXException) else type(error).__name__


def _broken(element: str, reason: Reason, detail: str) -> Broken:
    match = _NUMBER.search(element)
    number = match[1].strip() if match else ""
    return Broken(reason, detail, "".join(sign if sign.isprintable() else "?" for sign in number))
