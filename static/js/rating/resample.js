/*
 * Grey values of an image onto the pixels of a canvas, written out here rather than left to the
 * browser, so that every screen shows the same. Nearest: canvas pixel j shows source pixel
 * floor((j + 0.5) / z), z the scale and j counted from the image's edge. Smooth: below 1:1 the mean
 * of what a canvas pixel covers, above it linear between the middles of the source pixels.
 */

const BLACK = 0xff000000;
const GREY_WORDS = Uint32Array.from({ length: 256 }, (_, grey) => BLACK + grey * 0x010101);

/** The source pixel of each of `size` canvas pixels, -1 outside the image's `count` pixels. */
export function nearestPlaces(start, scale, count, size) {
  const places = new Int32Array(size);
  for (let index = 0; index < size; index += 1) {
    const place = Math.floor((index - start + 0.5) / scale);
    places[index] = place >= 0 && place < count ? place : -1;
  }
  return places;
}

/**
 * For each canvas pixel the source pixels that it mixes: `lengths[j]` of them from `firsts[j]` on,
 * with the weights from `offsets[j]` on; none outside the image.
 */
export function smoothTaps(start, scale, count, size) {
  const firsts = new Int32Array(size);
  const lengths = new Int32Array(size);
  const offsets = new Int32Array(size);
  const weights = [];
  for (let index = 0; index < size; index += 1) {
    const [first, shares] = sharesOf(index - start, scale, count);
    firsts[index] = first;
    lengths[index] = shares.length;
    offsets[index] = weights.length;
    for (const share of shares) weights.push(share);
  }
  return { firsts, lengths, offsets, weights: Float64Array.from(weights) };
}

function sharesOf(index, scale, count) {
  const middle = (index + 0.5) / scale;
  if (middle < 0 || middle >= count) return [0, []];
  if (scale >= 1) {
    const place = Math.min(count - 1, Math.max(0, middle - 0.5));
    const first = Math.min(count - 1, Math.floor(place));
    return place === first ? [first, [1]] : [first, [1 - (place - first), place - first]];
  }
  const from = Math.max(0, index / scale);
  const to = Math.min(count, (index + 1) / scale);
  const first = Math.floor(from);
  const shares = [];
  for (let place = first; place < to; place += 1) {
    shares.push((Math.min(place + 1, to) - Math.max(place, from)) / (to - from));
  }
  return [first, shares];
}

/** Write the image `source` {greys, columns, channels} into `words`, `width` of them a row. */
export function paintNearest(source, across, down, words, width) {
  const { greys, columns, channels } = source;
  const [begin, end] = insideOf(across);
  let before = -1;
  for (let row = 0, line = 0; row < down.length; row += 1, line += width) {
    const place = down[row];
    if (place < 0) continue;
    if (place === before) {
      words.copyWithin(line + begin, line - width + begin, line - width + end);
      continue;
    }
    before = place;
    const from = place * columns;
    if (channels === 3) {
      for (let index = begin; index < end; index += 1) {
        const at = 3 * (from + across[index]);
        words[line + index] = BLACK + greys[at] + greys[at + 1] * 0x100 + greys[at + 2] * 0x10000;
      }
    } else {
      for (let index = begin; index < end; index += 1) {
        words[line + index] = GREY_WORDS[greys[from + across[index]]];
      }
    }
  }
}

/** The same, mixed by the taps of both directions. */
export function paintSmooth(source, across, down, words, width) {
  const { columns, channels } = source;
  const mixed = new Float64Array(columns * channels);
  const writeRow = channels === 3 ? writeColours : writeGreys;
  for (let row = 0, line = 0; row < down.firsts.length; row += 1, line += width) {
    if (down.lengths[row] === 0) continue;
    mixRows(source.greys, down, row, mixed);
    writeRow(mixed, across, words, line);
  }
}

function mixRows(greys, { firsts, lengths, offsets, weights }, row, mixed) {
  mixed.fill(0);
  for (let tap = 0; tap < lengths[row]; tap += 1) {
    const weight = weights[offsets[row] + tap];
    const from = (firsts[row] + tap) * mixed.length;
    for (let index = 0; index < mixed.length; index += 1) mixed[index] += weight * greys[from + index];
  }
}

// A loop without calls: a page's first image is painted before the browser has compiled it well
function writeGreys(mixed, { firsts, lengths, offsets, weights }, words, line) {
  for (let index = 0; index < firsts.length; index += 1) {
    const length = lengths[index];
    if (length === 0) continue;
    const first = firsts[index];
    const offset = offsets[index];
    let sum = 0;
    for (let tap = 0; tap < length; tap += 1) sum += weights[offset + tap] * mixed[first + tap];
    words[line + index] = GREY_WORDS[Math.floor(sum + 0.5)];
  }
}

function writeColours(mixed, { firsts, lengths, offsets, weights }, words, line) {
  const mixAt = (index, channel) => {
    let sum = 0;
    for (let tap = 0; tap < lengths[index]; tap += 1) {
      sum += weights[offsets[index] + tap] * mixed[3 * (firsts[index] + tap) + channel];
    }
    return Math.floor(sum + 0.5);
  };
  for (let index = 0; index < firsts.length; index += 1) {
    if (lengths[index] === 0) continue;
    words[line + index] = BLACK + mixAt(index, 0) + mixAt(index, 1) * 0x100 + mixAt(index, 2) * 0x10000;
  }
}

/** First and one past the last canvas pixel inside the image. */
function insideOf(places) {
  let begin = 0;
  while (begin < places.length && places[begin] < 0) begin += 1;
  let end = begin;
  while (end < places.length && places[end] >= 0) end += 1;
  return [begin, end];
}
