"""What people are told when something asked of the catalogue cannot be done."""


class CatalogueRefused(Exception):
    """The act is refused; the text says why and what to do instead."""
