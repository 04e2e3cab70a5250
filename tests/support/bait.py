"""What somebody who can write to Redis would have a worker call: it is noted here, and nothing else happens."""

BITTEN: list[tuple[object, ...]] = []
NAME = f"{__name__}.bite"


def bite(*args: object) -> None:
    """It is noted that somebody called this."""
    BITTEN.append(args)


class Hook:
    """Calls it when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return bite, ("unpickled",)
