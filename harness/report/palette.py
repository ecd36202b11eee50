"""Colours and fonts of all pictures, light and dark."""

from __future__ import annotations

import re

# Name: (drawn with, light, dark). The first is only a key that is replaced by a variable.
PALETTE = {
    "ink": ("#010101", "#1b2430", "#e6ebf1"),
    "muted": ("#020202", "#5d6b7a", "#9aa7b5"),
    "grid": ("#030303", "#dfe4ea", "#2b3541"),
    "paper": ("#040404", "#ffffff", "#151b23"),
    "sample": ("#050505", "#0072b2", "#56b4e9"),
    "second": ("#060606", "#8a5a00", "#e69f00"),
    "third": ("#070707", "#7a4e9e", "#cc9fdc"),
    "rest": ("#080808", "#8793a0", "#7b8794"),
    "pass": ("#090909", "#007a5a", "#2fc89b"),
    "fail": ("#0a0a0a", "#b93a00", "#ff8a4c"),
    "not-proven": ("#0b0b0b", "#8f6200", "#f0c04a"),
    "waived": ("#0c0c0c", "#7a4e9e", "#cc9fdc"),
    "not-measured": ("#0d0d0d", "#5d6b7a", "#9aa7b5"),
    "none": ("#0e0e0e", "#5d6b7a", "#9aa7b5"),
}
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"


def colour(name: str) -> str:
    """Return the drawing colour of a name of the palette."""
    return PALETTE[name][0]


def themed(svg: str) -> str:
    """Return a picture whose colours follow the reader's setting, in the page's own fonts."""
    for name, (drawn, _, _) in PALETTE.items():
        svg = svg.replace(drawn, f"var(--{name})")
    svg = re.sub(r"font-family: [^;\"]*", f"font-family: {_FONT}", svg)
    svg = re.sub(r"(\d\.\d\d)\d+", r"\1", svg)  # a hundredth of a pixel is enough
    light = "".join(f"--{name}:{shade};" for name, (_, shade, _) in PALETTE.items())
    dark = "".join(f"--{name}:{shade};" for name, (_, _, shade) in PALETTE.items())
    theme = f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"
    start = svg.index("<svg")
    return svg[start:].replace('<style type="text/css">', f'<style type="text/css">{theme}', 1)
