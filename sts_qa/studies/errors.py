"""What can go wrong in a study, said so that a coordinator knows what to do."""


class StudyError(Exception):
    """An act that the study's state or plan does not allow; the text says why."""
