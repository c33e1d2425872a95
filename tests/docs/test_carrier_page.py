"""docs/integrating/carrier.md names what is there, and nothing else."""

import inspect
import json
import re
import shlex
from pathlib import Path

from orderwright.adapters.fake_carrier.behaving import Behaviour, behaviour
from orderwright.adapters.fake_carrier.journeys import ENDINGS
from orderwright.cli.faking_carrier import fake_carrier
from orderwright.shipping.ports import Carrier
from orderwright.shipping.reasons import Reason

GUIDE = (Path(__file__).parents[2] / "docs" / "integrating" / "carrier.md").read_text(encoding="utf-8")


def test_the_guide_names_every_method_of_the_port_and_every_reason() -> None:
    methods = [name for name, _ in inspect.getmembers(Carrier, inspect.isfunction) if not name.startswith("_")]

    assert [name for name in methods if f"`{name}(" not in GUIDE] == []
    assert [reason for reason in Reason.values if f"`{reason}`" not in GUIDE] == []


def test_every_word_that_the_fake_carrier_knows_is_named_and_understood() -> None:
    shown = re.findall(r"^\| `(.*?)` \|", GUIDE.split("| word |")[1], re.MULTILINE)
    known = re.findall(r"^\| `(.*?)` \|", inspect.getdoc(inspect.getmodule(behaviour)) or "", re.MULTILINE)

    assert [word.partition("=")[0] for word in shown] == [word.partition("=")[0] for word in known]
    assert [word for word in shown if behaviour(word) == Behaviour()] == []
    assert ", ".join(ENDINGS) in GUIDE


def test_the_command_that_is_shown_can_be_given_with_every_option_that_is_named() -> None:
    (shown,) = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    known = {option for parameter in fake_carrier.params for option in parameter.opts}

    made = fake_carrier.make_context("fake-carrier", shlex.split(shown)[2:])

    assert (made.params["port"], made.params["shop"]) == (8901, "http://127.0.0.1:8000")
    assert set(re.findall(r"--[a-z][a-z-]+", GUIDE)) <= known


def test_what_is_posted_to_it_can_be_read() -> None:
    posted = [json.loads(shown) for shown in re.findall(r"`(\{\".*?\})`", GUIDE)]

    assert [set(one) for one in posted] == [{"verb", "words"}, {"at"}, {"at"}]
    assert behaviour(posted[0]["words"]).connection == "error"
