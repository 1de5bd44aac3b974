"""The errors Saydo raises on purpose. Each message says what, where and what to do next."""


class SaydoError(Exception):
    """Base of every error whose message is written for the user. `exit_code` is the CLI's."""

    exit_code = 1


class ConfigError(SaydoError):
    """Configuration or usage is wrong. Nothing was read or changed."""

    exit_code = 2


class DeliveryRefused(SaydoError):
    """A delivered file may not go in. Nothing of it is loaded; the last release keeps serving."""

    exit_code = 3


class ReleaseRefused(SaydoError):
    """A candidate may not go out. The last release keeps serving."""

    exit_code = 3


class QueryRefused(SaydoError):
    """A query would write, reach outside the release, or take too much. Nothing was changed."""

    exit_code = 3


class HomeBusy(SaydoError):
    """Somebody else changes the home: a run, or a command. Nothing was changed."""

    exit_code = 3


class OutOfRoom(SaydoError):
    """Memory or a disk ran out. The data is not at fault: the same may be tried again."""
