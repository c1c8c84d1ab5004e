/*
 * Windows to choose from. The server says where they lie, in real values; of a radiograph it gives
 * percentiles instead, and they are found here in the pixels that are on screen.
 */

const MOST_BINS = 256;

/** The presets of an image with their {low, high}; `pixels` may be null as long as none are there. */
export function presetWindows(image, pixels) {
  return image.presets.flatMap((preset) => {
    const { percentiles } = preset;
    if (!percentiles || preset.low !== null) return [preset];
    if (!pixels) return [];
    const [low, high] = percentilesOf(pixels, percentiles).map((value) => value * image.slope + image.intercept);
    return [{ ...preset, low, high }];
  });
}

/** Percentiles of all finite values, linear between them: numpy's default. */
export function percentilesOf(pixels, percents) {
  const { count, valueAt } = pixels instanceof Float32Array ? sortedValues(pixels) : countedValues(pixels);
  if (count === 0) return percents.map(() => 0);
  return percents.map((percent) => {
    const place = (count - 1) * (percent / 100);
    const share = place - Math.floor(place);
    const below = valueAt(Math.floor(place));
    const above = valueAt(Math.min(count - 1, Math.floor(place) + 1));
    return share < 0.5 ? below + (above - below) * share : above - (above - below) * (1 - share);
  });
}

function sortedValues(pixels) {
  const sorted = pixels.filter((value) => Number.isFinite(value)).sort();
  return { count: sorted.length, valueAt: (place) => sorted[place] };
}

/** Millions of pixels are counted in a few milliseconds, sorted in hundreds. */
function countedValues(pixels) {
  const offset = pixels instanceof Int16Array ? 32768 : 0;
  const counts = new Uint32Array(65536);
  for (let index = 0; index < pixels.length; index += 1) counts[pixels[index] + offset] += 1;
  const valueAt = (place) => {
    let passed = 0;
    let value = 0;
    while (passed + counts[value] <= place) {
      passed += counts[value];
      value += 1;
    }
    return value - offset;
  };
  return { count: pixels.length, valueAt };
}

/** How many finite values fall into each of up to 256 equal parts of their range. */
export function countValues(pixels, { slope, intercept, dtype }) {
  let [least, most] = [Infinity, -Infinity];
  for (let index = 0; index < pixels.length; index += 1) {
    const value = pixels[index];
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least > most) return { low: 0, high: 1, counts: [0] };
  // A whole number spans from itself to the next one, so that few of them leave no gaps
  const width = dtype === "float32" ? most - least || 1 : most - least + 1;
  const bins = dtype === "float32" ? MOST_BINS : Math.min(MOST_BINS, width);
  const counts = new Array(bins).fill(0);
  for (let index = 0; index < pixels.length; index += 1) {
    const value = pixels[index];
    if (Number.isFinite(value)) counts[Math.min(bins - 1, Math.floor(((value - least) / width) * bins))] += 1;
  }
  return { low: least * slope + intercept, high: (least + width) * slope + intercept, counts };
}
