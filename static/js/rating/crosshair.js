/*
 * How the planes of a volume cut each other: a row of one plane lies on a slice of another. Slices
 * are {axial, coronal, sagittal}, each counted as its own plane counts them.
 */

/** The slices of the other planes that meet at a pixel of this one. */
export function slicesAt(plane, { row, column }) {
  const found = {};
  if (plane.rows_cut) found[plane.rows_cut.plane] = turned(row, plane.rows, plane.rows_cut);
  if (plane.columns_cut) found[plane.columns_cut.plane] = turned(column, plane.columns, plane.columns_cut);
  return found;
}

/** The pixel of this plane at which the slices of the other planes meet; null where none cut it. */
export function meetingPixel(plane, slices) {
  if (!plane.rows_cut || !plane.columns_cut) return null;
  return {
    row: turned(slices[plane.rows_cut.plane], plane.rows, plane.rows_cut),
    column: turned(slices[plane.columns_cut.plane], plane.columns, plane.columns_cut),
  };
}

function turned(place, count, { reverse }) {
  return reverse ? count - 1 - place : place;
}
