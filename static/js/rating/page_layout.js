/*
 * Scores beside the image or below it: whichever shows the image larger. A wide radiograph often
 * doubles in size when the scores go below.
 */

import { standardScale } from "./view_geometry.js";

const SIDE_WIDTH = 384;
const BELOW_HEIGHT = 160;
const CONTROLS_HEIGHT = 36;
const NARROWEST_FOR_SIDE = 600;
/** Five fields in a row need this much. */
const NARROWEST_FOR_BELOW = 1100;

/** "side" or "below" for an image in a place of `width` by `height` CSS pixels. */
export function chooseLayout(image, { width, height, ratio }) {
  if (width < NARROWEST_FOR_SIDE || (height > width && width < NARROWEST_FOR_BELOW)) return "stacked";
  if (!image || width < NARROWEST_FOR_BELOW) return "side";
  const [plane] = Object.values(image.planes);
  const scaleIn = (room) =>
    standardScale(plane, { width: room.width * ratio, height: (room.height - CONTROLS_HEIGHT) * ratio });
  const beside = scaleIn({ width: width - SIDE_WIDTH, height });
  const below = scaleIn({ width, height: height - BELOW_HEIGHT });
  return below > beside ? "below" : "side";
}
