"""Texts of a protobuf message that are no text.

protobuf says that a `string` is UTF-8, and for ONNX's version of it nothing enforces that: Python
gets `bytes` where it expects `str`, and each runtime makes another name of them.
"""

from __future__ import annotations

from typing import Any


def not_text(message: Any, inside: str = "") -> str:
    """Return the dotted place of the first text of `message` that is not UTF-8; "" without one."""
    for field, value in message.ListFields():
        place = f"{inside}{field.name}"
        if field.type not in (field.TYPE_MESSAGE, field.TYPE_STRING):
            continue
        values = (
            [value] if isinstance(value, (str, bytes)) or hasattr(value, "ListFields") else value
        )
        for one in values:
            if isinstance(one, bytes):
                return place
            if field.type == field.TYPE_MESSAGE and (found := not_text(one, f"{place}.")):
                return found
    return ""
