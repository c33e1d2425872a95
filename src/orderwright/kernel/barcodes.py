"""Barcodes as SVG, to be stretched to any size: what a scanner at a packing table or a depot reads."""

import re

import barcode


def code_128(text: str) -> str:
    """The bars as one SVG path; empty where the text has letters that Code 128 cannot write."""
    if not (text.isascii() and text.isprintable()):
        return ""
    modules = barcode.Code128(text).build()[0]
    bars = "".join(f"M{bar.start()} 0H{bar.end()}V1H{bar.start()}z" for bar in re.finditer("1+", modules))
    box = f'viewBox="0 0 {len(modules)} 1" preserveAspectRatio="none"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}><path d="{bars}"/></svg>'
