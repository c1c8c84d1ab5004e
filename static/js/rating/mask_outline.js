/*
 * The mask as it is drawn: its inner boundary, that is pixels of the mask with one of their four
 * neighbours outside it or outside the image, and what lies within.
 */

const OUTSIDE = 0;
const INSIDE = 1;
export const OUTLINE = 2;

/** Amber, told from every grey by people of any colour vision. */
const COLOUR = [255, 176, 0];
/** The inside is fainter than its outline. */
const FILL_SHARE = 0.4;

/**
 * OUTSIDE, INSIDE or OUTLINE for each pixel of a mask of bytes. An outline of `thickness` pixels is
 * what `thickness` erosions take away.
 */
export function partsOf(mask, rows, columns, thickness = 1) {
  const parts = new Uint8Array(mask.length);
  for (let index = 0; index < mask.length; index += 1) parts[index] = mask[index] ? INSIDE : OUTSIDE;
  for (let layer = 0; layer < thickness; layer += 1) {
    const edge = boundaryOf(parts, rows, columns);
    for (const index of edge) parts[index] = OUTLINE;
  }
  return parts;
}

/** Pixels INSIDE that touch something else. */
function boundaryOf(parts, rows, columns) {
  const edge = [];
  for (let row = 0, index = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, index += 1) {
      if (parts[index] !== INSIDE) continue;
      const isInner =
        row > 0 && row < rows - 1 && column > 0 && column < columns - 1 &&
        parts[index - 1] === INSIDE && parts[index + 1] === INSIDE &&
        parts[index - columns] === INSIDE && parts[index + columns] === INSIDE;
      if (!isInner) edge.push(index);
    }
  }
  return edge;
}

/**
 * First and one past the last source pixel of each canvas pixel; none outside. Above 1:1 it is the
 * one that the nearest rule names, below all that are covered, so that an outline has no gaps.
 */
export function maskSpans(start, scale, count, size) {
  const firsts = new Int32Array(size);
  const ends = new Int32Array(size);
  for (let index = 0; index < size; index += 1) {
    const middle = Math.floor((index - start + 0.5) / scale);
    if (middle < 0 || middle >= count) continue;
    firsts[index] = scale >= 1 ? middle : Math.max(0, Math.floor((index - start) / scale));
    ends[index] = scale >= 1 ? middle + 1 : Math.min(count, Math.ceil((index - start + 1) / scale));
  }
  return { firsts, ends };
}

/** Mix the mask's colour into the canvas pixels of its outline and, when `isFilled`, of its inside. */
export function paintMask(parts, columns, across, down, words, width, { opacity, isFilled }) {
  const shares = [0, isFilled ? opacity * FILL_SHARE : 0, opacity];
  for (let row = 0, line = 0; row < down.firsts.length; row += 1, line += width) {
    if (down.ends[row] === 0) continue;
    for (let index = 0; index < across.firsts.length; index += 1) {
      let part = OUTSIDE;
      for (let from = down.firsts[row]; from < down.ends[row]; from += 1) {
        const begin = from * columns;
        for (let at = across.firsts[index]; at < across.ends[index]; at += 1) {
          if (parts[begin + at] > part) part = parts[begin + at];
        }
      }
      if (shares[part] > 0) words[line + index] = mixed(words[line + index], shares[part]);
    }
  }
}

function mixed(word, share) {
  let result = 0xff000000;
  for (let channel = 0; channel < 3; channel += 1) {
    const below = (word >>> (8 * channel)) & 255;
    result += Math.floor(below * (1 - share) + COLOUR[channel] * share + 0.5) * 2 ** (8 * channel);
  }
  return result;
}
