"""Labels as PDF: addresses, the product, and the tracking number as Code 128 and as a QR code."""

import io
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Any

import msgspec
import segno
import typst

from orderwright.kernel.barcodes import code_128

PLAIN = (  # one page of white, for plays in which nobody looks at labels
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 283 425]>>endobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n"
    b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n"
)
_ONE_AT_A_TIME = Lock()


def label(number: str, consignment: Mapping[str, Any], zone: int) -> bytes:
    """The label of a consignment, 100 x 150 mm."""
    told = {
        "number": number,
        "service": str(consignment["service"]),
        "zone": str(zone),
        "ship_on": str(consignment["ship_on"]),
        "weight": f"{consignment['parcel']['weight_grams'] / 1000:.2f} kg",
        "reference": str(consignment["reference"]),
        "sender": _lines(consignment["sender"]),
        "receiver": _lines(consignment["receiver"]),
        "barcode": code_128(number),
        "qr": _qr(number),
    }
    with _ONE_AT_A_TIME:
        made = _compiler().compile(sys_inputs={"label": msgspec.json.encode(told).decode()}, format="pdf")
    assert isinstance(made, bytes)
    return made


@cache
def _compiler() -> typst.Compiler:
    """With its fonts read once; the system's are there for letters that ours do not have."""
    return typst.Compiler(str(files("orderwright.adapters.fake_carrier") / "label.typ"))


def _lines(party: Mapping[str, str]) -> list[str]:
    """An address as it is written, the town and the country last."""
    town = " ".join(filter(None, [party["postal_code"], party["city"], party["region"]]))
    lines = [party["name"], party["company"], *party["street"].splitlines()]
    return [*filter(None, lines), town, party["country"]]


def _qr(number: str) -> str:
    drawn = io.BytesIO()
    segno.make(number, error="m").save(drawn, kind="svg", xmldecl=False, border=0, omitsize=True)
    return drawn.getvalue().decode()
