"""Who works in the demo shop: one person for each role, all with the same password, made anew for each demo."""

from orderwright.kernel import actors
from orderwright.staff import people

OWNER = "owner@demo.example"
PEOPLE = (
    (OWNER, "Olivia Berger", "owner"),
    ("operations@demo.example", "Theo Lindqvist", "operations"),
    ("support@demo.example", "Amara Diallo", "support"),
    ("warehouse@demo.example", "Jan Kowalski", "warehouse"),
    ("finance@demo.example", "Mei Tanaka", "finance"),
    ("reader@demo.example", "Sam Okafor", "read_only"),
)


def let_in(password: str) -> None:
    """Give each of them an account."""
    for email, name, role in PEOPLE:
        people.let_in(email, name, role, password, actor=actors.system("demo"))
