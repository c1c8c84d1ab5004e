/*
 * Which pixels to fetch, in which order: what is on screen, what is next to it, the first views of
 * the items that come next, then the rest of the volumes from their middle outwards.
 */

const NEIGHBOURS = 8;
const FIRST_VIEW_NEIGHBOURS = 2;

/** `middle` and then alternately above and below it, all of 0..count-1 within `reach`. */
export function centreOut(middle, count, reach = count) {
  const order = [];
  for (let distance = 0; distance <= reach; distance += 1) {
    const after = middle + distance;
    const before = middle - distance;
    if (after < count) order.push(after);
    if (distance > 0 && before >= 0) order.push(before);
    if (after >= count && before < 0) break;
  }
  return order;
}

/** The address and size of an image or of one of its slices. */
export function imageUnit({ image }, slice) {
  const address = image.url ?? image.slice_url.replace("{slice}", slice);
  return { address, dtype: image.dtype, bytes: planeBytes(image) };
}

/** The same for the mask; null where there is none. */
export function maskUnit({ image, mask }, slice) {
  if (!mask) return null;
  const address = mask.url ?? mask.slice_url.replace("{slice}", slice);
  return { address, dtype: "uint8", bytes: image.rows * image.columns };
}

/** All units to hold, best first, each address once. `assignments` begins with the current one. */
export function fetchOrder(assignments, currentSlice) {
  const [current, ...next] = assignments;
  const units = [];
  const seen = new Set();
  const add = (assignment, slices) => {
    for (const slice of slices) {
      for (const unit of [imageUnit(assignment, slice), maskUnit(assignment, slice)]) {
        if (!unit || seen.has(unit.address)) continue;
        seen.add(unit.address);
        units.push(unit);
      }
    }
  };
  if (current) add(current, centreOut(currentSlice, current.image.slices, NEIGHBOURS));
  for (const assignment of next) {
    add(assignment, centreOut(assignment.image.first_slice, assignment.image.slices, FIRST_VIEW_NEIGHBOURS));
  }
  if (current) add(current, centreOut(currentSlice, current.image.slices));
  for (const assignment of next) {
    add(assignment, centreOut(assignment.image.first_slice, assignment.image.slices));
  }
  return units;
}

function planeBytes(image) {
  const depth = { uint8: 1, uint16: 2, int16: 2, float32: 4 }[image.dtype];
  return image.rows * image.columns * image.channels * depth;
}
