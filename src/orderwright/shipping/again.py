"""Again: packages whose units are wanted anew, or given up, for they were lost or came back."""

from collections.abc import Collection, Sequence

from orderwright.kernel.errors import NotFound
from orderwright.shipping.packages import PackageSeen
from orderwright.shipping.refusals import CannotFollow, NothingToSendAgain
from orderwright.shipping.tracking import Settled, Step

AGAIN = ("lost", "returned")


def choose(
    there: Sequence[PackageSeen], names: Sequence[str] | None, *, number: str, settled: Collection[str] = AGAIN
) -> list[PackageSeen]:
    """The packages of an order that are meant: those with these names, or all that were lost or came back.

    A package is dealt with once: who asks again in the same batch finds it gone.
    """
    if names is None:
        chosen = [package for package in there if package.settled in settled]
    else:
        by_name = {package.name: package for package in there}
        chosen = []
        for name in dict.fromkeys(names):
            if name not in by_name:
                raise NotFound(thing="package", name=name)
            chosen.append(by_name[name])
        for package in chosen:
            if package.settled not in settled:
                raise CannotFollow(package=package.name, settled=package.settled, asked="sent again or given up")
    if not chosen:
        raise NothingToSendAgain(number=number)
    return chosen


def step(package: PackageSeen, settled: Settled) -> Step:
    """What is written of a package whose units go their own way from now on; it stays where it is said to be."""
    return Step(package.id, package.stage, package.stage_at, settled.value, package.look_at)
