/*
 * Which pixels to fetch, in which order: what is on screen, what lies next to it in the direction
 * of scrolling, the first views of the items that come next, then the rest of the volumes. An
 * item has the plane "image", or the planes "axial", "coronal" and "sagittal".
 */

const NEIGHBOURS = 20;
const NEIGHBOURS_ACROSS = 4;
const FIRST_VIEW_NEIGHBOURS = 4;
/** So many slices ahead for each one behind. */
const AHEAD = 3;
const BYTES = { uint8: 1, uint16: 2, int16: 2, float32: 4 };

/** The address, type and size of an image or of one slice of it. */
export function imageUnit({ image }, plane, slice) {
  const { rows, columns, url } = image.planes[plane];
  const bytes = rows * columns * image.channels * BYTES[image.dtype];
  return { address: url.replace("{slice}", slice), dtype: image.dtype, bytes };
}

/** What an item shows first: the image, or the middle slice of each plane, the large one first. */
export function firstUnits(assignment) {
  const slices = firstSlices(assignment);
  return planesOf(assignment).map((plane) => imageUnit(assignment, plane, slices[plane]));
}

/** The same for the mask, a byte for each pixel; null where there is none. */
export function maskUnit({ image, mask }, plane, slice) {
  if (!mask) return null;
  const { rows, columns } = image.planes[plane];
  const address = mask.planes[plane].url.replace("{slice}", slice);
  return { address, dtype: "uint8", bytes: rows * columns };
}

/**
 * All slices 0..count-1 beginning with `here`: alternately above and below it, or, with a
 * `direction` of 1 or -1, more of those ahead than of those behind.
 */
export function* sliceOrder(here, count, direction = 0) {
  const step = direction < 0 ? -1 : 1;
  const isInside = (slice) => slice >= 0 && slice < count;
  let ahead = here;
  let behind = here - step;
  if (isInside(ahead)) yield ahead;
  ahead += step;
  while (isInside(ahead) || isInside(behind)) {
    for (let run = direction ? AHEAD : 1; run > 0 && isInside(ahead); run -= 1, ahead += step) yield ahead;
    if (isInside(behind)) yield behind;
    behind -= step;
  }
}

/**
 * All units to hold, best first, each address once; made as they are asked for, because nobody
 * takes more than the memory holds. `assignments` begins with the current one; `view` says how
 * that is looked at: {plane, slices, direction, isMaskShown}.
 */
export function* fetchOrder(assignments, view) {
  const seen = new Set();
  for (const unit of allInOrder(assignments, view)) {
    if (!unit || seen.has(unit.address)) continue;
    seen.add(unit.address);
    yield unit;
  }
}

function* allInOrder([current, ...next], view) {
  if (current) yield* aroundView(current, view);
  for (const assignment of next) yield* firstView(assignment);
  if (current) yield* rest(current, view.slices, view.direction);
  for (const assignment of next) yield* rest(assignment, firstSlices(assignment), 0);
}

/** What is on screen, then its masks, then what a few steps of scrolling would show. */
function* aroundView(assignment, { plane: active, slices, direction, isMaskShown }) {
  const planes = planesOf(assignment).sort((one, two) => (two === active) - (one === active));
  for (const plane of planes) yield imageUnit(assignment, plane, slices[plane]);
  for (const plane of planes) yield maskUnit(assignment, plane, slices[plane]);
  for (const plane of planes) {
    const isActive = plane === active;
    const reach = isActive ? NEIGHBOURS : NEIGHBOURS_ACROSS;
    for (const slice of nearest(assignment, plane, slices[plane], reach, isActive ? direction : 0)) {
      yield imageUnit(assignment, plane, slice);
      if (isMaskShown) yield maskUnit(assignment, plane, slice);
    }
  }
}

/** A radiograph whole; of a volume the middle of each plane and the slices next to the axial one. */
function* firstView(assignment) {
  const slices = firstSlices(assignment);
  const planes = planesOf(assignment);
  yield* firstUnits(assignment);
  for (const plane of planes) yield maskUnit(assignment, plane, slices[plane]);
  const [first] = planes;
  for (const slice of nearest(assignment, first, slices[first], FIRST_VIEW_NEIGHBOURS, 0)) {
    yield imageUnit(assignment, first, slice);
  }
}

/** Every slice, the axial ones first. */
function* rest(assignment, slices, direction) {
  for (const plane of planesOf(assignment)) {
    const count = assignment.image.planes[plane].slices;
    for (const slice of sliceOrder(slices[plane], count, direction)) {
      yield imageUnit(assignment, plane, slice);
      yield maskUnit(assignment, plane, slice);
    }
  }
}

function* nearest(assignment, plane, slice, reach, direction) {
  let left = reach + 1;
  for (const near of sliceOrder(slice, assignment.image.planes[plane].slices, direction)) {
    if (left === 0) return;
    left -= 1;
    yield near;
  }
}

function planesOf({ image }) {
  return Object.keys(image.planes);
}

function firstSlices({ image }) {
  return Object.fromEntries(
    Object.entries(image.planes).map(([plane, { first_slice: slice }]) => [plane, slice]),
  );
}
