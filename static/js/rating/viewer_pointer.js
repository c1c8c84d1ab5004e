/*
 * Mouse, pen and fingers on the image. A radiograph or a plane shown alone is dragged about; in
 * three planes a drag moves the crosshair, and with Shift or the middle button the plane. The right
 * button sets window and level. The wheel zooms at the pointer, in volumes it goes through slices
 * and zooms with Ctrl. One finger moves a radiograph or goes through slices, two zoom and move.
 */

const WHEEL_NOTCH = 50;
const TRACKPAD_STEP = 30;
/** A finger's way to the next slice, in CSS pixels. */
const FINGER_STEP = 8;
/** A finger that moves less than this has tapped. */
const TAP = 6;
const MIDDLE = 1;
const RIGHT = 2;

export function connectPointer(viewer) {
  const place = viewer.querySelector(".stage");
  const pointers = new Map();
  let travelled = 0;

  const paneUnder = (event) => viewer.panes.shown.find(({ element }) => element.contains(event.target));

  /** Where the pointer is on the pane's canvas; measured once for each drag. */
  const pointIn = (pane, event, corner = pane.element.getBoundingClientRect()) => {
    const { ratio } = viewer.panes;
    return { x: (event.clientX - corner.left) * ratio, y: (event.clientY - corner.top) * ratio };
  };

  place.addEventListener("contextmenu", (event) => {
    if (paneUnder(event)) event.preventDefault();
  });

  place.addEventListener("pointerdown", (event) => {
    const pane = viewer.assignment && paneUnder(event);
    if (!pane) return;
    // The score field keeps the focus: the next digit belongs there
    event.preventDefault();
    place.setPointerCapture(event.pointerId);
    const corner = pane.element.getBoundingClientRect();
    const point = pointIn(pane, event, corner);
    const held = { pane, corner, point, start: point, due: 0, act: actOf(viewer, event) };
    pointers.set(event.pointerId, held);
    viewer.activate(pane.name);
    if (held.act === dragCrosshair) viewer.setCrosshair(pane, point);
  });

  place.addEventListener("pointermove", (event) => {
    const held = pointers.get(event.pointerId);
    if (!held || !viewer.assignment || !held.pane.isShown) return;
    const point = pointIn(held.pane, event, held.corner);
    const other = [...pointers].find(([id, { pane }]) => id !== event.pointerId && pane === held.pane)?.[1];
    if (other) pinch(viewer, held, point, other);
    else held.act(viewer, held, point);
    held.point = point;
  });

  place.addEventListener("pointerup", (event) => {
    const held = pointers.get(event.pointerId);
    if (held?.act === dragSlices && isTap(viewer, held) && viewer.layout === "three") {
      viewer.setCrosshair(held.pane, held.point);
    }
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    place.addEventListener(name, (event) => pointers.delete(event.pointerId));
  }

  place.addEventListener(
    "wheel",
    (event) => {
      const pane = viewer.assignment && paneUnder(event);
      if (!pane) return;
      event.preventDefault();
      const zooms = event.ctrlKey || event.metaKey || !viewer.isVolume;
      if (Math.abs(event.deltaY) >= WHEEL_NOTCH) travelled = Math.sign(event.deltaY) * TRACKPAD_STEP;
      else travelled += event.deltaY;
      const steps = Math.trunc(travelled / TRACKPAD_STEP);
      if (steps === 0) return;
      travelled -= steps * TRACKPAD_STEP;
      viewer.activate(pane.name);
      if (zooms) viewer.zoom(-Math.sign(steps), pointIn(pane, event), pane);
      else viewer.showSlice(pane.slice - steps, pane.name);
    },
    { passive: false },
  );
}

function actOf(viewer, event) {
  if (event.button === RIGHT) return dragWindow;
  if (event.button === MIDDLE || event.shiftKey) return dragPlane;
  if (viewer.isVolume && event.pointerType === "touch") return dragSlices;
  return viewer.layout === "three" ? dragCrosshair : dragPlane;
}

function dragPlane(viewer, { pane, point: from }, to) {
  viewer.pan(to.x - from.x, to.y - from.y, pane);
}

function dragCrosshair(viewer, { pane }, to) {
  viewer.setCrosshair(pane, to);
}

function dragSlices(viewer, held, to) {
  held.due += (held.point.y - to.y) / (FINGER_STEP * viewer.panes.ratio);
  const steps = Math.trunc(held.due);
  held.due -= steps;
  if (steps) viewer.showSlice(held.pane.slice + steps, held.pane.name);
}

/** The whole standard window is as wide as half the stage. */
function dragWindow(viewer, { point: from }, to) {
  const unit = (2 * viewer.window.standard.width) / viewer.stage.width;
  viewer.moveWindow((to.y - from.y) * unit, (to.x - from.x) * unit);
}

function pinch(viewer, { pane, point: from }, to, other) {
  const before = Math.hypot(from.x - other.point.x, from.y - other.point.y);
  const after = Math.hypot(to.x - other.point.x, to.y - other.point.y);
  const middle = { x: (to.x + other.point.x) / 2, y: (to.y + other.point.y) / 2 };
  if (before > 0 && after > 0) viewer.zoomTo((pane.view.scale * after) / before, middle, pane);
  viewer.pan((to.x - from.x) / 2, (to.y - from.y) / 2, pane);
}

function isTap(viewer, { start, point }) {
  return Math.hypot(point.x - start.x, point.y - start.y) < TAP * viewer.panes.ratio;
}
