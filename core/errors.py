"""The one exception by which actions and queries refuse; doors turn it into a page, JSON or a socket frame."""

from django.utils.functional import Promise as LazyText


class Refused(Exception):
    """A request that is understood and not done.

    `code` is a stable word for programs (`not_found`, `read_only`, `taken`, ...), `message` one sentence for
    people. `status` is the HTTP status that a door answers with. What is absent and what is forbidden look the
    same: both are `not_found` with 404.
    """

    def __init__(self, code: str, message: "str | LazyText", *, status: int = 400) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def not_found() -> Refused:
    """The answer for what does not exist and for what belongs to somebody else."""
    from django.utils.translation import gettext_lazy as _

    return Refused("not_found", _("We cannot find that. It may have been removed."), status=404)
