/*
 * From stored values to grey values on the screen, at full depth and in double precision:
 * grey = clamp(floor(255 * (v - (c - w / 2)) / w + 0.5), 0, 255) with v = stored * slope +
 * intercept, c the window's centre and w its width, in this order of operations.
 */

const ARRAYS = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array };
/** First value and number of values of the types small enough for a table. */
const TABLES = { uint8: [0, 256], uint16: [0, 65536], int16: [-32768, 65536] };

/** The array type of the server's little-endian bytes. */
export function pixelsOf(buffer, dtype) {
  const type = ARRAYS[dtype];
  if (!type) throw new RangeError(`No such pixel type: ${dtype}`);
  return new type(buffer);
}

/** The grey value 0..255 of one real value; a value that is no number is black. */
export function greyOf(value, { centre, width, inverted = false }) {
  if (Number.isNaN(value)) return 0;
  let grey;
  if (!(width > 0)) grey = value < centre ? 0 : value > centre ? 255 : 128;
  else grey = Math.min(255, Math.max(0, Math.floor((255 * (value - (centre - width / 2))) / width + 0.5)));
  return inverted ? 255 - grey : grey;
}

/**
 * A function `(pixels, greys)` that writes the grey value of each stored value. Integers go through
 * a table of all values that their type can hold.
 */
export function toneOf({ dtype, slope = 1, intercept = 0 }, window) {
  if (dtype === "float32") {
    return (pixels, greys) => {
      for (let index = 0; index < pixels.length; index += 1) {
        greys[index] = greyOf(pixels[index] * slope + intercept, window);
      }
    };
  }
  const [first, count] = TABLES[dtype];
  const table = tableOf(count, (place) => greyOf((first + place) * slope + intercept, window));
  return (pixels, greys) => {
    for (let index = 0; index < pixels.length; index += 1) greys[index] = table[pixels[index] - first];
  };
}

/**
 * `greyAt(0)` to `greyAt(count - 1)`, of which only a few are worked out. No step of the formula,
 * rounding included, turns the order of two values round: between equal greys all are equal.
 */
function tableOf(count, greyAt) {
  const table = new Uint8Array(count);
  const fill = (from, before, to, after) => {
    if (before === after) table.fill(before, from, to + 1);
    else if (to - from === 1) [table[from], table[to]] = [before, after];
    else {
      const middle = (from + to) >> 1;
      const grey = greyAt(middle);
      fill(from, before, middle, grey);
      fill(middle, grey, to, after);
    }
  };
  fill(0, greyAt(0), count - 1, greyAt(count - 1));
  return table;
}
