"""What science says of sizes and samples, listed for the translators.

Science knows no languages; its English sentences are recognized by these formats
(`accounts.stored_texts`). A test compares the list with the code.
"""

from django.utils.translation import gettext_noop

STATISTICS_TEXTS = (
    gettext_noop("%(category)s, %(stratum)s: negative size %(size)s."),
    gettext_noop("%(stratum)s: %(key)s has order %(stored)s, drawn again it has %(again)s."),
    gettext_noop("%(key)s: %(number)s slices are to be drawn; give at least 1."),
    gettext_noop(
        "%(stratum)s: %(number)s units are to be drawn, but only %(frame)s can be drawn. "
        "Give a smaller number."
    ),
    gettext_noop(
        "%(stratum)s: drawn with algorithm version %(stored)s, this program has version 1."
    ),
    gettext_noop(
        "%(category)s: its strata ask for %(asked)s units, more than the %(number)s of "
        "the category."
    ),
    gettext_noop(
        "%(category)s: no amount to draw is given for %(strata)s. Give one for the "
        "category or for each of these strata."
    ),
    gettext_noop("%(key)s: slice indices must be different and not negative."),
    gettext_noop("%(key)s: the volume has no slice that may be drawn."),
    gettext_noop("Give either a fraction or a number of units, not both."),
    gettext_noop("Not a path inside the dataset: %(path)s."),
    gettext_noop("The checksum of %(key)s has more than one line."),
    gettext_noop(
        "The file name %(name)s is not valid text in UTF-8. Rename the file and import again."
    ),
    gettext_noop(
        "The fraction %(fraction)s is not above 0 and at most 1. To draw nothing, give "
        "the number 0."
    ),
    gettext_noop("The key %(key)s holds a zero byte."),
    gettext_noop("The key %(key)s is in the frame twice."),
    gettext_noop("The key %(key)s is not in Unicode normal form C; use frame_key."),
    gettext_noop("The number of units to draw is negative: %(number)s."),
    gettext_noop("The stratum %(stratum)s of %(category)s is listed twice."),
    gettext_noop("The total %(total)s does not fit the quotas of the strata."),
    gettext_noop("There is no such category or stratum in the frame: %(name)s."),
)
