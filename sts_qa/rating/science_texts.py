"""What science says of files of ratings, listed for the translators.

Science knows no languages; its English sentences are recognized by these formats
(`accounts.stored_texts`). A test compares the list with the code.
"""

from django.utils.translation import gettext_noop

RATINGS_FILE_TEXTS = (
    gettext_noop("A program needs a name and a version."),
    gettext_noop("A score has at most 3 digits after the decimal point. Round it."),
    gettext_noop("Give yes or no."),
    gettext_noop(
        "Line %(line)s cannot be read as cells (%(problem)s). Look at the quotation marks there."
    ),
    gettext_noop("Line %(line)s has %(count)s columns; at most %(most)s are read."),
    gettext_noop(
        "Line %(line)s holds a zero byte, so this is no text file. Save it as CSV or XLSX."
    ),
    gettext_noop("No column can be %(role)s; known are: %(known)s."),
    gettext_noop("No column holds scores. Say which ones do."),
    gettext_noop(
        "No column is known as that of the %(role)s. Say which one it is, or give it the "
        "name %(name)s."
    ),
    gettext_noop(
        "No column is known as that of the item. Say which one it is, or give it the name item."
    ),
    gettext_noop(
        "Only a program has this. Say model in the column rater_kind, or leave the cell empty."
    ),
    gettext_noop("Row %(row)s says otherwise of the item %(item)s. Correct one of them."),
    gettext_noop("Row %(row)s says otherwise of the rater %(rater)s. Correct one of them."),
    gettext_noop("Row %(row)s: columns have the same name: %(names)s. Rename one of each."),
    gettext_noop("Slices are counted from 1. Give a whole number."),
    gettext_noop(
        "The cell holds a formula whose value was not stored. Open the file in a spreadsheet "
        "program, save it, and import again."
    ),
    gettext_noop("The encoding %(encoding)s is not known. Try utf-8 or gb18030."),
    gettext_noop("The file has %(size)s bytes; at most %(most)s are read. Split it."),
    gettext_noop("The file has more than %(rows)s rows or %(cells)s cells. Split it."),
    gettext_noop("The file has more than %(scores)s scores. Split it."),
    gettext_noop("The file holds no ratings below the names of its columns."),
    gettext_noop("The file is empty."),
    gettext_noop("The file is no text in a known encoding. Save it as CSV in UTF-8."),
    gettext_noop(
        "The first row holds numbers only, so the columns have no names. Give them names, or "
        "read the file as a matrix of items by raters."
    ),
    gettext_noop("The number is too large; scores lie between -9999 and 9999."),
    gettext_noop(
        "The rater %(rater)s is the same program in the same version. Give each a version of its "
        "own."
    ),
    gettext_noop("The row has more cells than there are columns."),
    gettext_noop(
        "The same rater, item and criterion stand in row %(row)s already. Keep one of them, "
        "or mark a repeat in a column named repeat."
    ),
    gettext_noop("The separator must be one character, such as ; or a tab."),
    gettext_noop(
        "The sheet has more than %(columns)s columns or %(cells)s cells. Delete what lies "
        "outside the ratings, or split it."
    ),
    gettext_noop(
        "The sheet reaches beyond %(rows)s rows or %(cells)s cells. Delete what lies outside "
        "the ratings, or split it."
    ),
    gettext_noop(
        "The workbook cannot be read (%(problem)s). Open it in a spreadsheet program and "
        "save it as XLSX or CSV."
    ),
    gettext_noop("The workbook has no sheet named %(name)s; there are: %(known)s."),
    gettext_noop("The workbook has no sheet with cells. Save the ratings as a sheet."),
    gettext_noop(
        "The workbook holds a document type declaration, which no spreadsheet program "
        "writes. Save it anew from a spreadsheet program."
    ),
    gettext_noop("The workbook is encrypted. Save it without a password."),
    gettext_noop(
        "The workbook unpacks to %(size)s bytes in %(parts)s parts, more than is read. Save "
        "the sheet with the ratings alone, or as CSV."
    ),
    gettext_noop("There is no column named %(name)s for the %(role)s; there are: %(known)s."),
    gettext_noop("This cell is empty. Fill it in, or delete the row."),
    gettext_noop("This code is not known. Use cannot_judge or leave it out."),
    gettext_noop("This comment is too long or holds unusual characters."),
    gettext_noop(
        "This is an old or a password-protected workbook. Save it as XLSX without a password."
    ),
    gettext_noop("This is neither a number nor a code. Give a number, or leave the cell empty."),
    gettext_noop("This is no date or time. Write it as 2024-05-31 or 2024-05-31T14:05."),
    gettext_noop("This name holds a character that cannot be shown. Remove it."),
    gettext_noop("This name is longer than %(longest)s characters. Shorten it."),
    gettext_noop("Two columns of the matrix have the same name. Rename one."),
    gettext_noop("Write active, continued or withdrawn, or leave the cell empty."),
    gettext_noop("Write expert or model, or leave the cell empty."),
)
