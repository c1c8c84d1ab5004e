/*
 * Mouse, pen and fingers on the image: drag moves it, the right button sets window and level, the
 * wheel zooms at the pointer or goes through slices, two fingers zoom and move.
 */

const WHEEL_NOTCH = 50;
const TRACKPAD_STEP = 30;

export function connectPointer(viewer) {
  const { canvas } = viewer;
  const pointers = new Map();
  let travelled = 0;

  const pointOf = (event) => {
    const place = canvas.getBoundingClientRect();
    const ratio = canvas.width / place.width;
    return { x: (event.clientX - place.left) * ratio, y: (event.clientY - place.top) * ratio };
  };

  canvas.addEventListener("contextmenu", (event) => event.preventDefault());

  canvas.addEventListener("pointerdown", (event) => {
    if (!viewer.assignment) return;
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { point: pointOf(event), button: event.button });
    // The score field keeps the focus: the next digit belongs there
    event.preventDefault();
  });

  canvas.addEventListener("pointermove", (event) => {
    const held = pointers.get(event.pointerId);
    if (!held || !viewer.assignment) return;
    const point = pointOf(event);
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) pinch(viewer, held.point, point, other.point);
    else if (held.button === 2) dragWindow(viewer, held.point, point);
    else viewer.pan(point.x - held.point.x, point.y - held.point.y);
    held.point = point;
  });

  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => pointers.delete(event.pointerId));
  }

  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!viewer.assignment) return;
      event.preventDefault();
      const zooms = event.ctrlKey || event.metaKey || !viewer.isVolume;
      if (Math.abs(event.deltaY) >= WHEEL_NOTCH) travelled = Math.sign(event.deltaY) * TRACKPAD_STEP;
      else travelled += event.deltaY;
      const steps = Math.trunc(travelled / TRACKPAD_STEP);
      if (steps === 0) return;
      travelled -= steps * TRACKPAD_STEP;
      if (zooms) viewer.zoom(-Math.sign(steps), pointOf(event));
      else viewer.showSlice(viewer.slice - steps);
    },
    { passive: false },
  );
}

/** The whole standard window is as wide as half the stage. */
function dragWindow(viewer, from, to) {
  const [low, high] = viewer.image.window;
  const unit = (2 * (high - low)) / viewer.stage.width;
  const width = viewer.window.high - viewer.window.low + (to.x - from.x) * unit;
  const middle = (viewer.window.low + viewer.window.high) / 2 + (to.y - from.y) * unit;
  const wide = Math.max((high - low) / 1000, width);
  viewer.setWindow(middle - wide / 2, middle + wide / 2);
}

function pinch(viewer, from, to, other) {
  const before = Math.hypot(from.x - other.x, from.y - other.y);
  const after = Math.hypot(to.x - other.x, to.y - other.y);
  const middle = { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 };
  if (before > 0 && after > 0) viewer.zoomTo((viewer.view.scale * after) / before, middle);
  viewer.pan((to.x - from.x) / 2, (to.y - from.y) / 2);
}
