"""What people are told when something asked of the catalogue cannot be done."""


class CatalogueRefused(Exception):
    """The act is refused; the text says why and what to do instead.

    `field` names what of the values given is the reason; it is empty where it is none of them.
    """

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field
