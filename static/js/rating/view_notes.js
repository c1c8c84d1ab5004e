/* What must be said on screen about how the image is shown: never a silent change of what it is. */

import { number, text } from "./text.js";

export function viewNotes({ image, window, isFallback, isVolume }) {
  const notes = [];
  if (window.locked) notes.push(text("locked"));
  if (window.isAsCarried) notes.push(text("carried"));
  if (image.oblique) notes.push(text("oblique", { degrees: number(image.oblique) }));
  notes.push(...(isVolume ? voxelNotes(image) : pixelNotes(image)));
  if (isFallback) notes.push(text("fallback"));
  return notes;
}

function pixelNotes({ pixels, pixel_ratio: ratio }) {
  if (Math.abs(ratio - 1) < 0.0005) return [];
  const name = pixels === "file" ? "pixelsOfFile" : "pixelsSet";
  return [text(name, { ratio: number(Number(ratio.toFixed(3))) })];
}

function voxelNotes({ pixels, planes: { axial, coronal } }) {
  if (pixels === "square") return [text("voxelsUnknown")];
  const sides = [axial.pixel_width, axial.pixel_height, coronal.pixel_height];
  if (Math.max(...sides) / Math.min(...sides) < 1.0005) return [];
  const [width, depth, height] = sides.map((side) => number(Number(side.toPrecision(3))));
  return [text("voxels", { width, depth, height })];
}
