/*
 * How much of what comes next is already in this browser, said while more is on its way: on a fast
 * line that is over before it can be read, on a slow one it tells how far the rater may go on.
 */

import { imageUnit } from "./pixel_order.js";
import { number, text } from "./text.js";

const EVERY_MS = 1_000;

/**
 * {kind: "slices" or "images", ready, total} for the volume on screen or else the items that
 * follow; null where nothing is on its way.
 */
export function fetchedAhead([current, ...next], store) {
  if (store.isComplete) return null;
  const axial = current?.image.planes.axial;
  if (axial) {
    const slices = Array.from({ length: axial.slices }, (_, slice) => imageUnit(current, "axial", slice));
    const ready = countHeld(slices, store);
    if (ready < axial.slices) return { kind: "slices", ready, total: axial.slices };
  }
  const first = next.map((assignment) => {
    const [[plane, { first_slice: slice }]] = Object.entries(assignment.image.planes);
    return imageUnit(assignment, plane, slice);
  });
  const ready = countHeld(first, store);
  return ready < first.length ? { kind: "images", ready, total: first.length } : null;
}

/** Show it in `place` as long as it stays true for more than a moment. */
export function showFetchedAhead(place, { store, assignmentsOf }) {
  let wasIncomplete = false;
  setInterval(() => {
    const ahead = document.hidden ? null : fetchedAhead(assignmentsOf(), store);
    const line = ahead && wasIncomplete ? words(ahead) : "";
    wasIncomplete = ahead !== null;
    if (place.textContent !== line) place.textContent = line;
  }, EVERY_MS);
}

function words({ kind, ready, total }) {
  const counts = { ready: number(ready), total: number(total) };
  return text(kind === "slices" ? "slicesFetched" : "imagesFetched", counts);
}

function countHeld(units, store) {
  return units.filter(({ address }) => store.peek(address) !== null).length;
}
