/*
 * Where the planes of a volume lie on the stage, in device pixels: one alone, or three with the
 * first one large. Of the ways to put three, the one that shows most is taken; the first plane
 * counts more.
 */

import { fittingScale, shorterSide, shownSize } from "./view_geometry.js";

const GAP = 2;
const LARGE_COUNTS = 2;
const LEAST_SHARE = 0.45;
const MOST_SHARE = 0.7;

/** A rectangle {left, top, width, height} for each name in `names`; `planes` maps names to planes. */
export function placePanes(names, planes, stage) {
  if (names.length === 1) return { [names[0]]: { left: 0, top: 0, ...stage } };
  const ways = [besideEachOther, smallAtTheSide, smallBelow].map((place) => {
    const rectangles = place(names.map((name) => planes[name]), stage);
    return { rectangles, shown: shownArea(names, planes, rectangles) };
  });
  const best = ways.reduce((one, other) => (other.shown > one.shown ? other : one));
  return Object.fromEntries(names.map((name, index) => [name, atLeastAPixel(best.rectangles[index])]));
}

function smallAtTheSide([large], { width, height }) {
  const main = shareOf(width, height * proportion(large));
  const half = Math.round((height - GAP) / 2);
  const left = main + GAP;
  return [
    { left: 0, top: 0, width: main, height },
    { left, top: 0, width: width - left, height: half },
    { left, top: half + GAP, width: width - left, height: height - half - GAP },
  ];
}

function smallBelow([large], { width, height }) {
  const main = shareOf(height, width / proportion(large));
  const half = Math.round((width - GAP) / 2);
  const top = main + GAP;
  return [
    { left: 0, top: 0, width, height: main },
    { left: 0, top, width: half, height: height - top },
    { left: half + GAP, top, width: width - half - GAP, height: height - top },
  ];
}

function besideEachOther([large, ...small], { width, height }) {
  const first = Math.round(Math.min(MOST_SHARE * width, height * proportion(large)));
  const [one, other] = small.map(proportion);
  const room = width - first - 2 * GAP;
  const second = Math.round((room * one) / (one + other));
  return [
    { left: 0, top: 0, width: first, height },
    { left: first + GAP, top: 0, width: second, height },
    { left: first + second + 2 * GAP, top: 0, width: room - second, height },
  ];
}

/** What of the stage shows image, the small planes no larger in millimetres than the large one. */
function shownArea(names, planes, rectangles) {
  let largest = Infinity;
  return names.reduce((sum, name, index) => {
    const plane = planes[name];
    const scale = Math.min(largest, fittingScale(plane, rectangles[index]) / shorterSide(plane));
    if (index === 0) largest = scale;
    const { width, height } = shownSize(plane, scale * shorterSide(plane));
    return sum + width * height * (index === 0 ? LARGE_COUNTS : 1);
  }, 0);
}

function atLeastAPixel({ left, top, width, height }) {
  return { left, top, width: Math.max(1, width), height: Math.max(1, height) };
}

function proportion(plane) {
  const { width, height } = shownSize(plane, 1);
  return width / height;
}

function shareOf(length, wanted) {
  return Math.round(Math.min(MOST_SHARE * length, Math.max(LEAST_SHARE * length, wanted)));
}
