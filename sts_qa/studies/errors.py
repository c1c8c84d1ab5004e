"""What can go wrong in a study, said so that a coordinator knows what to do."""


class StudyError(Exception):
    """An act that the study's state or plan does not allow; the text says why.

    `field` names what of the values given is the reason; it is empty where it is none of them.
    """

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class PlanRefused(StudyError):
    """A value of a plan that cannot be used; `field` names it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text, field)
