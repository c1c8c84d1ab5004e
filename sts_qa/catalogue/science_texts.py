"""What science says of image files, listed for the translators.

Science knows no languages; its English sentences are recognized by these formats
(`accounts.stored_texts`). A test compares the list with the code.
"""

from django.utils.translation import gettext_noop

IMAGING_TEXTS = (
    gettext_noop("%(file)s has changed since it was imported. Import the dataset again."),
    gettext_noop("%(missing)s voxels hold no finite number."),
    gettext_noop(
        "%(count)s voxels of the mask hold no whole number; it may be a probability map. "
        "Save it as integer labels."
    ),
    gettext_noop("A pixel names a colour that the palette lacks. Export the image again."),
    gettext_noop(
        "An orientation tag asks for turning or mirroring (value %(tag)s); the stored "
        "order of pixels is used."
    ),
    gettext_noop("Copy or export the file again."),
    gettext_noop("DICOM files are not read. Convert the series to NIfTI, or the image to PNG."),
    gettext_noop("Files ending in '%(ending)s' are not read. Use one of: %(known)s."),
    gettext_noop("JPEG alters values near edges; masks should be stored without loss."),
    gettext_noop("Parts of the TIFF's image data are missing. Copy or export the file again."),
    gettext_noop("Some pixels are transparent; transparency is ignored."),
    gettext_noop("The %(matrix)s in the header is not usable; it is ignored."),
    gettext_noop("The PNG ends before its end mark. Copy or export the file again."),
    gettext_noop("The PNG has no valid header chunk. Copy or export the file again."),
    gettext_noop("The PNG header names unknown methods. Copy or export the file again."),
    gettext_noop(
        "The PNG header says colour type %(colour_type)s with %(bits)s bits, which PNG "
        "does not have. Copy or export the file again."
    ),
    gettext_noop("The PNG holds no image data. Copy or export the file again."),
    gettext_noop("The PNG's image data is torn apart. Copy or export the file again."),
    gettext_noop(
        "The TIFF holds %(count)s images. Save the one wanted by itself; a stack of "
        "slices belongs into a NIfTI file."
    ),
    gettext_noop("The TIFF holds no image. Copy or export the file again."),
    gettext_noop("The TIFF is three-dimensional. Save it as NIfTI."),
    gettext_noop("The TIFF stores %(count)s values a pixel. Save it as grey or RGB."),
    gettext_noop(
        "The TIFF stores %(bits)s-bit values of sample format %(number)s. Save it with "
        "unsigned 8 or 16 bit."
    ),
    gettext_noop(
        "The TIFF's colour space (photometric %(number)s) is not read. Save the image as "
        "grey or RGB."
    ),
    gettext_noop(
        "The arrangement of this TIFF is not read. Save it as plain grey or RGB, 8 or 16 bit."
    ),
    gettext_noop(
        "The checksum of the PNG chunk %(chunk)s is wrong. Copy or export the file again."
    ),
    gettext_noop("The colour mode %(mode)s is not read. Save the image as grey or RGB."),
    gettext_noop("The compressed image data is damaged. Copy or export the file again."),
    gettext_noop(
        "The data type %(type)s is not read. Save the volume as integer or float, one "
        "value a voxel."
    ),
    gettext_noop("The file cannot be decoded (%(kind)s: %(text)s). Copy or export it again."),
    gettext_noop("The file cannot be opened: %(text)s. Check its permissions."),
    gettext_noop("The file has %(size)s bytes, more than %(limit)s. Split it."),
    gettext_noop(
        "The file has %(count)s dimensions (%(extent)s); a volume has three. Save each "
        "volume as a file of its own."
    ),
    gettext_noop("The file has changed since it was imported. Import the dataset again."),
    gettext_noop(
        "The file holds %(found)s bytes where its header says %(expected)s. Copy or "
        "export the file again."
    ),
    gettext_noop("The file holds several images. Save the one wanted by itself."),
    gettext_noop("The file is empty. Copy it again."),
    gettext_noop("The file marks 0 as white; stored values are used as they are."),
    gettext_noop("The file needs more memory than there is. Use a machine with more."),
    gettext_noop(
        "The file unpacks to far more than its header says. Copy or export the file again."
    ),
    gettext_noop("The gzipped data is damaged. Copy or export the file again."),
    gettext_noop("The gzipped file ends early. Copy or export the file again."),
    gettext_noop("The header gives no valid dimensions. Copy or export the file again."),
    gettext_noop(
        "The header gives no valid start of the image data. Copy or export the file again."
    ),
    gettext_noop("The header gives no valid voxel size."),
    gettext_noop(
        "The header names an unknown data type (%(number)s). Copy or export the file again."
    ),
    gettext_noop("The header says %(rows)s rows and %(columns)s columns. Export the image again."),
    gettext_noop(
        "The header says %(rows)s x %(columns)s pixels, more than the limit of "
        "%(limit)s. Reduce the image, or check whether the header is damaged."
    ),
    gettext_noop(
        "The header says %(first)s x %(second)s x %(third)s voxels, more than the limit "
        "of %(limit)s. Cut the volume, or check whether the header is damaged."
    ),
    gettext_noop(
        "The header says more pixels than are read. Reduce the image, or check whether "
        "the header is damaged."
    ),
    gettext_noop(
        "The header's scale of values is not a finite number. Copy or export the file again."
    ),
    gettext_noop(
        "The header's voxel size (%(header)s mm) contradicts its orientation matrix; "
        "%(used)s mm from the matrix is used."
    ),
    gettext_noop("The image data cannot be decoded. Copy or export the file again."),
    gettext_noop("The image data ends early. Copy or export the file again."),
    gettext_noop(
        "The mask has transparent pixels, so it is unclear what belongs to it. Save it "
        "as grey without transparency."
    ),
    gettext_noop("The mask is 2D and its image a volume."),
    gettext_noop(
        "The mask is a colour image, so its values are not labels. Save it as grey or "
        "with a palette."
    ),
    gettext_noop(
        "The mask's header shifts its values, so a stored 0 does not mean outside. Save "
        "it as integers without scaling."
    ),
    gettext_noop("The mask's values are too large for labels."),
    gettext_noop("The name says .gz, but the content is not gzipped. Rename or export it."),
    gettext_noop("The stored volume was written by another version."),
    gettext_noop(
        "The volume stores %(type)s values that 32-bit floating point rounds; slices "
        "show the rounded values."
    ),
    gettext_noop(
        "There is more image data than the size in the header. Copy or export the file again."
    ),
    gettext_noop("This is a 2D image where a volume is needed."),
    gettext_noop("This is a header without its image. Convert the .hdr/.img pair to .nii."),
    gettext_noop("This is a volume where a 2D image is needed."),
    gettext_noop("This is an animated PNG. Save the one frame wanted as a plain PNG."),
    gettext_noop("This is an image without its header. Convert the .hdr/.img pair to .nii."),
    gettext_noop("This is not a BMP. Check the file, or rename it to what it is."),
    gettext_noop("This is not a JPEG. Check the file, or rename it to what it is."),
    gettext_noop("This is not a NIfTI file. Check the file, or convert it to NIfTI."),
    gettext_noop(
        "This is not a PNG, or it was altered in transfer as text. Copy it again in binary mode."
    ),
    gettext_noop("This is not a TIFF. Check the file, or rename it to what it is."),
    gettext_noop("This is the header of a NIfTI pair without its image. Convert the pair to .nii."),
)
