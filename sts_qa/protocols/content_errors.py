"""What is wrong with the content of a protocol, and where."""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class ContentError:
    """One fault: the path of the field from the top of the document, and what to do about it."""

    path: Path
    message: str

    @property
    def place(self) -> str:
        """Return the path as text, list entries counted from 1: `criteria 2, bands 1, from`."""
        words: list[str] = []
        for step in self.path:
            if isinstance(step, int) and words:
                words[-1] = f"{words[-1]} {step + 1}"
            else:
                words.append(str(step))
        return ", ".join(words)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.path else self.message


class InvalidContentError(Exception):
    """A protocol cannot be saved as it is."""

    def __init__(self, errors: list[ContentError]):
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors
