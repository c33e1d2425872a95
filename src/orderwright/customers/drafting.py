"""Who asks and where to, before it is written down: as the API, a file or a page hands it over."""

from typing import Annotated

from msgspec import Meta, Struct

Text = Annotated[str, Meta(max_length=200)]
Street = Annotated[str, Meta(max_length=500)]  # one or more lines
PostalCode = Annotated[str, Meta(max_length=20)]
Country = Annotated[str, Meta(max_length=2)]  # ISO 3166-1 alpha-2; empty: not known
Phone = Annotated[str, Meta(max_length=40)]
Email = Annotated[str, Meta(max_length=254)]
Language = Annotated[str, Meta(max_length=10)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]


class AddressDraft(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    name: Text = ""
    company: Text = ""
    street: Street = ""
    postal_code: PostalCode = ""
    city: Text = ""
    region: Text = ""
    country: Country = ""
    phone: Phone = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None


class CustomerDraft(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Who asks.  An e-mail address, or the channel's own name for them, finds a customer who was here before."""

    email: Email = ""
    reference: Text = ""
    name: Text = ""
    phone: Phone = ""
    language: Language = "en"
