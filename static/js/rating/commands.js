/* What each shortcut and each button does, and the one listener for keys. */

import { findShortcut, isHeldShortcut, placeOf } from "./keys.js";

const PAN_PIXELS = 60;
const WORKS_WHILE_PAUSED = new Set(["pause", "help", "close"]);

export function commandsOf({ page, viewer, fields, panels, history, problem, status, comment, screen, guidance }) {
  const pan = (horizontal, vertical) => () => viewer.pan(horizontal * PAN_PIXELS, vertical * PAN_PIXELS);
  const slices = (steps) => () => viewer.isVolume && viewer.showSlice(viewer.slice + steps);
  return {
    next: () => fields.next(),
    previous: () => fields.step(-1),
    following: () => fields.step(1),
    cannotJudge: () => fields.toggleCannotJudge(),
    guidance: () => guidance.toggle(),
    comment: () => {
      screen.showComment(true);
      comment.focus();
    },
    reopenLast: () => page.reopenLast(),
    history: () => panels.toggle("history") && history.load(),
    skip: () => page.skip(),
    problem: () => panels.toggle("problem") && problem.focus(),
    pause: () => page.togglePause(),
    mask: () => viewer.setMaskShown(!viewer.isMaskShown),
    maskFainter: () => viewer.setMaskOpacity(viewer.maskOpacity - 0.1),
    maskStronger: () => viewer.setMaskOpacity(viewer.maskOpacity + 0.1),
    zoomIn: () => viewer.zoom(1),
    zoomOut: () => viewer.zoom(-1),
    fit: () => viewer.setMode("fit"),
    oneToOne: () => viewer.setMode("one"),
    panLeft: pan(1, 0),
    panRight: pan(-1, 0),
    panUp: pan(0, 1),
    panDown: pan(0, -1),
    windowWider: () => viewer.stepWindow({ width: 1 }),
    windowNarrower: () => viewer.stepWindow({ width: -1 }),
    levelUp: () => viewer.stepWindow({ level: 1 }),
    levelDown: () => viewer.stepWindow({ level: -1 }),
    invert: () => viewer.invert(),
    reset: () => viewer.reset(),
    sliceUp: slices(1),
    sliceDown: slices(-1),
    tenUp: slices(10),
    tenDown: slices(-10),
    firstSlice: () => viewer.isVolume && viewer.showSlice(0),
    lastSlice: () => viewer.isVolume && viewer.showSlice(Infinity),
    help: () => panels.toggle("help"),
    close: () => {
      if (panels.close() || status.closeNewest()) return;
      const isInText = placeOf(document.activeElement) === "text";
      if (!isInText && fields.active?.cannotJudge.isOpen) fields.toggleCannotJudge();
      else if (isInText || !page.leaveChange()) fields.focusActive();
    },
  };
}

/** One listener for the whole page; `settings.lettersOff` switches single-letter keys off. */
export function connectKeys(commands, { page, fields, settings }) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const focused = document.activeElement;
    const place = placeOf(focused);
    if (isHeldShortcut(event, place)) {
      event.preventDefault();
      return;
    }
    const takesSign = place === "score" && (fields.active?.criterion.minimum ?? 0) < 0;
    const shortcut = findShortcut(event, { place, lettersOff: settings.lettersOff, takesSign });
    if (!shortcut) {
      typeIntoScores(event, place, fields, page);
      return;
    }
    if (page.isPaused && !WORKS_WHILE_PAUSED.has(shortcut.action)) return;
    event.preventDefault();
    commands[shortcut.action]();
  });
}

/** A digit typed while nothing is focused belongs to the score that is due. */
function typeIntoScores(event, place, fields, page) {
  if (place === "text" || place === "score" || page.isPaused) return;
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[0-9０-９]$/.test(event.key)) return;
  fields.focusActive();
}
