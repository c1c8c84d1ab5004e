/* Work that may wait until the next picture is on screen. */

const LONGEST_WAIT_MS = 100;

export function afterPaint(run) {
  let isDone = false;
  const runOnce = () => {
    if (!isDone) run();
    isDone = true;
  };
  // In the task after the frame; a hidden page paints none, so not for ever
  requestAnimationFrame(() => setTimeout(runOnce));
  setTimeout(runOnce, LONGEST_WAIT_MS);
}
