/* What each shortcut and each button does, and the one listener for keys. */

import { findShortcut, isHeldShortcut, placeOf } from "./keys.js";

const PAN_PIXELS = 60;
const WORKS_WHILE_PAUSED = new Set(["pause", "help", "close"]);

export function commandsOf(parts) {
  const { page, viewer, controls, fields, panels, history, problem, question, status, comment, screen, guidance, clarifications, printSheet, fillHelp } = parts;
  const pan = (horizontal, vertical) => () => viewer.pan(horizontal * PAN_PIXELS, vertical * PAN_PIXELS);
  const slices = (steps) => () => viewer.isVolume && viewer.showSlice(viewer.slice + steps);
  return {
    next: () => (page.isRapid && page.leaveUntouched()) || fields.next(),
    previous: () => fields.step(-1),
    following: () => fields.step(1),
    cannotJudge: () => fields.toggleCannotJudge(),
    guidance: () => guidance.toggle(),
    comment: () => {
      screen.showComment(true);
      comment.focus();
    },
    reopenLast: () => page.reopenLast(),
    goBack: () => page.reopenLast(),
    history: () => !page.isAsking && panels.toggle("history") && history.load(),
    skip: () => page.skip(),
    problem: () => page.current && panels.toggle("problem") && problem.focus(),
    ask: () => page.current && panels.toggle("question") && question.focus(),
    acknowledge: () => clarifications.acknowledge(),
    pause: () => page.togglePause(),
    mask: () => viewer.setMaskShown(!viewer.isMaskShown),
    holdMask: () => viewer.holdMaskBack(true),
    releaseMask: () => viewer.holdMaskBack(false),
    maskFainter: () => viewer.changeMask((mask) => mask.setOpacity(mask.opacity - 0.1)),
    maskStronger: () => viewer.changeMask((mask) => mask.setOpacity(mask.opacity + 0.1)),
    maskFill: () => viewer.changeMask((mask) => mask.setFilled(!mask.isFilled)),
    maskThinner: () => viewer.changeMask((mask) => mask.setThickness(mask.thickness - 1)),
    maskThicker: () => viewer.changeMask((mask) => mask.setThickness(mask.thickness + 1)),
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
    preset: () => viewer.nextPreset(),
    levels: () => controls.togglePanel(),
    invert: () => viewer.invert(),
    smooth: () => viewer.toggleSmooth(),
    reset: () => viewer.reset(),
    sliceUp: slices(1),
    sliceDown: slices(-1),
    tenUp: slices(10),
    tenDown: slices(-10),
    firstSlice: () => viewer.isVolume && viewer.showSlice(0),
    lastSlice: () => viewer.isVolume && viewer.showSlice(Infinity),
    worst: () => viewer.markWorst(),
    nextPlane: () => viewer.nextPlane(),
    nextLayout: () => viewer.nextLayout(),
    crosshair: () => viewer.toggleCrosshair(),
    print: () => printSheet.print(),
    help: () => {
      fillHelp();
      panels.toggle("help");
    },
    close: () => {
      if (panels.close() || controls.closePanel() || status.closeNewest()) return;
      const isInText = placeOf(document.activeElement) === "text";
      if (comment.value.trim() === "") screen.showComment(false);
      if (!isInText && fields.active?.cannotJudge.isOpen) fields.toggleCannotJudge();
      else if (isInText || !page.leaveChange()) fields.focusActive();
    },
  };
}

/** One listener for the whole page; `settings.lettersOff` switches single-letter keys off. */
export function connectKeys(commands, { page, fields, settings }) {
  const released = new Map();
  const release = (code) => {
    const action = released.get(code);
    released.delete(code);
    if (action) commands[action]();
  };
  document.addEventListener("keyup", (event) => release(event.code));
  // The key may be let go over another window
  window.addEventListener("blur", () => [...released.keys()].forEach(release));
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const focused = document.activeElement;
    const place = placeOf(focused);
    const { isRapid } = page;
    if (isHeldShortcut(event, place, isRapid)) {
      event.preventDefault();
      return;
    }
    const takesSign = place === "score" && (fields.active?.criterion.minimum ?? 0) < 0;
    const shortcut = findShortcut(event, { place, lettersOff: settings.lettersOff, takesSign, isRapid });
    if (!shortcut) {
      typeIntoScores(event, place, fields, page);
      return;
    }
    if (page.isPaused && !WORKS_WHILE_PAUSED.has(shortcut.action)) return;
    event.preventDefault();
    if (shortcut.released) released.set(event.code, shortcut.released);
    commands[shortcut.action]();
  });
}

/** A digit typed while nothing is focused belongs to the score that is due. */
function typeIntoScores(event, place, fields, page) {
  if (place === "text" || place === "line" || place === "score" || page.isPaused) return;
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[0-9０-９]$/.test(event.key)) return;
  if (page.isAsking) page.conditionsForm.explainDigits();
  // A held digit has scored the item before
  else if (page.isRapid && event.repeat) event.preventDefault();
  else fields.focusActive();
}
