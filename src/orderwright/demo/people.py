"""Who buys in the demo shop: made-up people at addresses that could be right, in the countries around."""

import random
from collections.abc import Iterator

from orderwright.customers.checking import check_address, check_customer
from orderwright.customers.drafting import AddressDraft, CustomerDraft

FIRST = [
    "Ada",
    "Ben",
    "Carla",
    "Dario",
    "Elif",
    "Finn",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Klara",
    "Luca",
    "Mara",
    "Nils",
    "Olga",
    "Pavel",
    "Rosa",
    "Sam",
    "Tilda",
    "Yara",
]
LAST = [
    "Albers",
    "Baumann",
    "Costa",
    "Dupont",
    "Eriksen",
    "Ferrari",
    "Garcia",
    "Hansen",
    "Ivanova",
    "Jansen",
    "Kowalski",
    "Lindholm",
    "Moreau",
    "Novak",
]

# country, city, region, postal code, streets, telephone, language, latitude, longitude
CITIES = [
    ("DE", "Hamburg", "", "20457", "Am Sandtorkai", "+4940428{:05}", "de", 53.54, 9.99),
    ("DE", "München", "", "80331", "Sendlinger Straße", "+4989233{:05}", "de", 48.14, 11.57),
    ("DE", "Leipzig", "", "04109", "Petersstraße", "+49341123{:04}", "de", 51.34, 12.37),
    ("DE", "Köln", "", "50667", "Hohe Straße", "+49221221{:05}", "de", 50.94, 6.96),
    ("AT", "Wien", "", "1010", "Kärntner Straße", "+431513{:04}", "de", 48.21, 16.37),
    ("CH", "Zürich", "", "8001", "Bahnhofstrasse", "+4144221{:04}", "de", 47.37, 8.54),
    ("FR", "Lyon", "", "69002", "Rue de la République", "+33472{:06}", "fr", 45.76, 4.83),
    ("FR", "Paris", "", "75011", "Rue Oberkampf", "+33142{:06}", "fr", 48.86, 2.38),
    ("NL", "Utrecht", "", "3511 AX", "Oudegracht", "+3130231{:04}", "nl", 52.09, 5.12),
    ("BE", "Gent", "", "9000", "Veldstraat", "+329223{:04}", "nl", 51.05, 3.72),
    ("DK", "København", "", "1208", "Kompagnistræde", "+4533{:06}", "da", 55.68, 12.57),
    ("SE", "Göteborg", "", "411 05", "Kungsgatan", "+4631711{:04}", "sv", 57.70, 11.97),
    ("IT", "Bologna", "BO", "40124", "Via Santo Stefano", "+39051223{:04}", "it", 44.49, 11.35),
    ("ES", "Valencia", "Valencia", "46002", "Calle de la Paz", "+3496351{:04}", "es", 39.47, -0.38),
    ("PL", "Kraków", "", "31-042", "Floriańska", "+4812422{:04}", "pl", 50.06, 19.94),
    ("GB", "Bristol", "", "BS1 4DJ", "Queen Square", "+44117929{:04}", "en", 51.45, -2.59),
    ("GB", "Edinburgh", "", "EH1 1RE", "High Street", "+44131225{:04}", "en", 55.95, -3.19),
    ("US", "Portland", "OR", "97205", "SW Park Avenue", "+1503223{:04}", "en", 45.52, -122.68),
]


def people(count: int, dice: random.Random) -> Iterator[tuple[CustomerDraft, AddressDraft]]:
    """So many customers, each with an address that passes the checks."""
    for number in range(count):
        country, city, region, postal_code, street, phone, language, latitude, longitude = dice.choice(CITIES)
        name = f"{FIRST[number % len(FIRST)]} {dice.choice(LAST)}"
        email = f"{name.split()[0]}.{name.split()[1]}.{number}@example.org".lower()
        address = AddressDraft(
            name=name,
            street=f"{street} {dice.randint(1, 90)}",
            postal_code=postal_code,
            city=city,
            region=region,
            country=country,
            latitude=latitude,
            longitude=longitude,
        )
        telephone = phone.format(dice.randint(1000, 9999))
        customer = CustomerDraft(email=email, name=name, phone=telephone, language=language)
        yield check_customer(customer, country=country), check_address(address)
