"""Addresses for the customers of a file that knows only their countries: a street, a town and where that is."""

from typing import NamedTuple

from orderwright.customers.drafting import AddressDraft


class Town(NamedTuple):
    city: str
    postal_code: str
    latitude: float
    longitude: float


# At home they live all over the country; abroad, in one town each.
TOWNS: dict[str, tuple[Town, ...]] = {
    "GB": (
        Town("London", "EC1A 1BB", 51.52, -0.10),
        Town("London", "SW1A 2AA", 51.50, -0.13),
        Town("Manchester", "M1 1AE", 53.48, -2.24),
        Town("Leeds", "LS1 4DY", 53.80, -1.55),
        Town("Bristol", "BS1 4DJ", 51.45, -2.59),
        Town("Birmingham", "B1 1BB", 52.48, -1.90),
        Town("Cardiff", "CF10 1EP", 51.48, -3.18),
        Town("Edinburgh", "EH1 1YZ", 55.95, -3.19),
        Town("Belfast", "BT1 5GS", 54.60, -5.93),
    ),
    "AE": (Town("Dubai", "", 25.20, 55.27),),
    "AT": (Town("Wien", "1010", 48.21, 16.37),),
    "AU": (Town("Melbourne", "3000", -37.81, 144.96),),
    "BE": (Town("Bruxelles", "1000", 50.85, 4.35),),
    "BH": (Town("Manama", "317", 26.23, 50.58),),
    "BR": (Town("São Paulo", "01310-100", -23.55, -46.63),),
    "CA": (Town("Toronto", "M5H 2N2", 43.65, -79.38),),
    "CH": (Town("Zürich", "8001", 47.37, 8.54),),
    "CY": (Town("Nicosia", "1010", 35.17, 33.36),),
    "CZ": (Town("Praha", "110 00", 50.08, 14.44),),
    "DE": (Town("Köln", "50667", 50.94, 6.96),),
    "DK": (Town("København", "1208", 55.68, 12.57),),
    "ES": (Town("Madrid", "28013", 40.42, -3.70),),
    "FI": (Town("Helsinki", "00100", 60.17, 24.94),),
    "FR": (Town("Paris", "75011", 48.86, 2.38),),
    "GR": (Town("Athina", "105 57", 37.98, 23.73),),
    "HK": (Town("Hong Kong", "", 22.32, 114.17),),
    "IE": (Town("Dublin", "D02 AF30", 53.34, -6.26),),
    "IL": (Town("Tel Aviv", "6688102", 32.08, 34.78),),
    "IS": (Town("Reykjavík", "101", 64.15, -21.94),),
    "IT": (Town("Milano", "20121", 45.46, 9.19),),
    "JP": (Town("Tokyo", "100-0001", 35.68, 139.69),),
    "LB": (Town("Beirut", "1107 2180", 33.89, 35.50),),
    "LT": (Town("Vilnius", "01100", 54.69, 25.28),),
    "MT": (Town("Valletta", "VLT 1117", 35.90, 14.51),),
    "NL": (Town("Utrecht", "3511 AX", 52.09, 5.12),),
    "NO": (Town("Oslo", "0154", 59.91, 10.75),),
    "PL": (Town("Kraków", "31-042", 50.06, 19.94),),
    "PT": (Town("Lisboa", "1100-148", 38.72, -9.14),),
    "SA": (Town("Riyadh", "11564", 24.71, 46.68),),
    "SE": (Town("Göteborg", "411 05", 57.70, 11.97),),
    "SG": (Town("Singapore", "049315", 1.28, 103.85),),
    "US": (Town("Portland", "97205", 45.52, -122.68),),
    "ZA": (Town("Cape Town", "8001", -33.92, 18.42),),
}
ELSEWHERE = TOWNS["GB"][0]


def address(country: str, region: str, company: str, who: int) -> AddressDraft:
    """The address of the customer with this number; the country stays as it is, and unknown where it is not known."""
    towns = TOWNS.get(country, (ELSEWHERE,))
    town = towns[who % len(towns)]
    return AddressDraft(
        name=f"Customer {who}",
        company=company,
        street=f"{1 + who % 97} High Street",
        postal_code=town.postal_code,
        city=town.city,
        region=region,
        country=country or "GB",
        latitude=town.latitude,
        longitude=town.longitude,
    )
