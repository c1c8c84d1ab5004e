/*
 * From stored values to grey values on the screen, at full depth:
 * grey = clamp(floor(255 * (v - low) / (high - low) + 0.5), 0, 255).
 */

const OPAQUE = 0xff000000;
const ARRAYS = { uint8: Uint8Array, uint16: Uint16Array, int16: Int16Array, float32: Float32Array };

/** The array type of the server's little-endian bytes. */
export function pixelsOf(buffer, dtype) {
  const type = ARRAYS[dtype];
  if (!type) throw new RangeError(`No such pixel type: ${dtype}`);
  return new type(buffer);
}

export function bytesPerValue(dtype) {
  return ARRAYS[dtype].BYTES_PER_ELEMENT;
}

/** The grey value 0..255 of one stored value; a value that is no number is black. */
export function greyOf(value, low, high, inverted = false) {
  let grey;
  if (high <= low) grey = value < low ? 0 : value > high ? 255 : 128;
  else grey = Math.min(255, Math.max(0, Math.floor((255 * (value - low)) / (high - low) + 0.5)));
  if (Number.isNaN(value)) grey = 0;
  return inverted ? 255 - grey : grey;
}

/** The grey value of every value that an integer type can hold; `offset` turns values to places. */
export function lookupTable(dtype, low, high, inverted = false) {
  const offset = dtype === "int16" ? 32768 : 0;
  const table = new Uint8Array(dtype === "uint8" ? 256 : 65536);
  for (let place = 0; place < table.length; place += 1) {
    table[place] = greyOf(place - offset, low, high, inverted);
  }
  return { table, offset };
}

/** Write the pixels through the window into the RGBA buffer of an ImageData. */
export function applyWindow(pixels, channels, dtype, view, rgba) {
  const words = new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.byteLength / 4);
  const { low, high, inverted } = view;
  if (dtype === "float32") {
    writeWords(pixels, channels, words, (value) => greyOf(value, low, high, inverted));
    return;
  }
  const { table, offset } = lookupTable(dtype, low, high, inverted);
  if (channels === 3) {
    writeWords(pixels, channels, words, (value) => table[value + offset]);
    return;
  }
  const greys = new Uint32Array(table.length);
  for (let place = 0; place < table.length; place += 1) {
    greys[place] = OPAQUE + table[place] * 0x010101;
  }
  for (let index = 0; index < words.length; index += 1) words[index] = greys[pixels[index] + offset];
}

function writeWords(pixels, channels, words, grey) {
  for (let index = 0, place = 0; index < words.length; index += 1, place += channels) {
    const red = grey(pixels[place]);
    const green = channels === 3 ? grey(pixels[place + 1]) : red;
    const blue = channels === 3 ? grey(pixels[place + 2]) : red;
    words[index] = OPAQUE + blue * 0x10000 + green * 0x100 + red;
  }
}
