"""What can go wrong in a study, said so that a coordinator knows what to do."""


class StudyError(Exception):
    """An act that the study's state or plan does not allow; the text says why."""


class PlanRefused(StudyError):
    """A value of a plan that cannot be used; `field` names it."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field
