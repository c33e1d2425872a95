"""The server that the tests run on, for processes that connect to it by themselves."""

from urllib.parse import quote

from django.db import connection


def url_of(database: str) -> str:
    """The URL of a database of that server."""
    here = connection.settings_dict
    password = f":{quote(str(here['PASSWORD']))}" if here["PASSWORD"] else ""
    return f"postgresql://{here['USER']}{password}@{here['HOST']}:{here['PORT']}/{database}"


def here() -> str:
    """The name of the database of this test."""
    return str(connection.settings_dict["NAME"])
