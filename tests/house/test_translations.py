"""All that people are told is said in German too; the compiled file says what is written."""

import io
import re

import wording
from babel.messages.mofile import read_mo, write_mo

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")


def strings(text: object) -> list[str]:
    return [str(one) for one in text] if isinstance(text, list | tuple) else [str(text)]


def test_german_says_all_of_it():
    german = {
        entry.id if isinstance(entry.id, str) else tuple(entry.id): entry.string
        for entry in wording.german()
        if entry.id
    }
    said = wording.said()

    assert len(said) > 800
    assert [sentence for sentence in said if not all(strings(german.get(sentence, "")))] == []
    assert [sentence for sentence in german if sentence not in said] == [], "nobody says these any more"


def test_placeholders_survive_translation():
    for entry in wording.german():
        if not entry.id:
            continue
        for words, said in zip(strings(entry.id), strings(entry.string), strict=True):
            assert set(PLACEHOLDER.findall(said)) == set(PLACEHOLDER.findall(words)), entry.id


def test_the_compiled_file_is_the_written_one():
    written = io.BytesIO()
    write_mo(written, wording.german())
    written.seek(0)
    with (wording.GERMAN / "django.mo").open("rb") as file:
        compiled = {str(entry.id): entry.string for entry in read_mo(file) if entry.id}

    assert compiled == {str(entry.id): entry.string for entry in read_mo(written) if entry.id}
