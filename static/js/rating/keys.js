/*
 * All shortcuts in one table, which also prints the help. Keys are physical (`event.code`), so
 * that they lie in one place on every keyboard; none is a digit, because digits are scores.
 *
 * `places` names where the focus may be: "score" (a score field), "choice" (a reason why it cannot
 * be judged), "line" (the text of such a reason), "text" (any other field for text), "control" (a
 * button or the like) and "none". In text nothing acts but Escape and, in a line, Enter.
 */

const EVERYWHERE = ["score", "choice", "control", "none"];
const AWAY_FROM_CONTROLS = ["score", "choice", "line", "none"];

/**
 * `shown` is what the help prints; `repeats` lets a held key act again; `released` acts when the key
 * is let go; `isRapid` is for protocols that one digit scores.
 */
export const SHORTCUTS = [
  { action: "next", codes: ["Enter", "NumpadEnter"], shown: "Enter", group: "Scores", places: AWAY_FROM_CONTROLS },
  { action: "previous", codes: ["Shift+Enter", "Shift+NumpadEnter"], shown: "Shift Enter", group: "Scores", places: AWAY_FROM_CONTROLS },
  { action: "previous", codes: ["ArrowUp"], shown: "↑", group: "Scores", places: ["score"], repeats: true },
  { action: "following", codes: ["ArrowDown"], shown: "↓", group: "Scores", places: ["score"], repeats: true },
  { action: "cannotJudge", codes: ["KeyX"], shown: "X", group: "Scores", places: EVERYWHERE },
  { action: "guidance", codes: ["KeyH"], shown: "H", group: "Scores", places: EVERYWHERE },
  { action: "comment", codes: ["KeyC"], shown: "C", group: "Scores", places: EVERYWHERE },

  { action: "goBack", codes: ["Backspace"], shown: "Backspace", group: "Items", places: EVERYWHERE, isRapid: true },
  { action: "reopenLast", codes: ["KeyB"], shown: "B", group: "Items", places: EVERYWHERE },
  { action: "history", codes: ["KeyO"], shown: "O", group: "Items", places: EVERYWHERE },
  { action: "skip", codes: ["Shift+KeyN"], shown: "Shift N", group: "Items", places: EVERYWHERE },
  { action: "problem", codes: ["Shift+KeyR"], shown: "Shift R", group: "Items", places: EVERYWHERE },
  { action: "ask", codes: ["KeyQ"], shown: "Q", group: "Items", places: EVERYWHERE },
  { action: "acknowledge", codes: ["KeyA"], shown: "A", group: "Items", places: EVERYWHERE },
  { action: "pause", codes: ["KeyP"], shown: "P", group: "Items", places: EVERYWHERE },

  { action: "mask", codes: ["KeyM"], shown: "M", group: "Image", places: EVERYWHERE },
  { action: "holdMask", released: "releaseMask", codes: ["KeyN"], shown: "N", group: "Image", places: EVERYWHERE },
  { action: "maskFainter", codes: ["BracketLeft"], shown: "[", group: "Image", places: EVERYWHERE, repeats: true },
  { action: "maskStronger", codes: ["BracketRight"], shown: "]", group: "Image", places: EVERYWHERE, repeats: true },
  { action: "maskFill", codes: ["Shift+KeyM"], shown: "Shift M", group: "Image", places: EVERYWHERE },
  { action: "maskThinner", codes: ["Shift+BracketLeft"], shown: "Shift [", group: "Image", places: EVERYWHERE },
  { action: "maskThicker", codes: ["Shift+BracketRight"], shown: "Shift ]", group: "Image", places: EVERYWHERE },
  { action: "zoomIn", codes: ["Equal", "Shift+Equal", "NumpadAdd"], shown: "+", group: "Image", places: EVERYWHERE, repeats: true },
  { action: "zoomOut", codes: ["Minus", "NumpadSubtract"], shown: "−", group: "Image", places: EVERYWHERE, repeats: true, isSign: true },
  { action: "fit", codes: ["KeyF"], shown: "F", group: "Image", places: EVERYWHERE },
  { action: "oneToOne", codes: ["KeyZ"], shown: "Z", group: "Image", places: EVERYWHERE },
  { action: "panLeft", codes: ["Shift+ArrowLeft"], shown: "Shift ←", group: "Image", places: EVERYWHERE, repeats: true },
  { action: "panRight", codes: ["Shift+ArrowRight"], shown: "Shift →", group: "Image", places: EVERYWHERE, repeats: true },
  { action: "panUp", codes: ["Shift+ArrowUp"], shown: "Shift ↑", group: "Image", places: EVERYWHERE, repeats: true },
  { action: "panDown", codes: ["Shift+ArrowDown"], shown: "Shift ↓", group: "Image", places: EVERYWHERE, repeats: true },
  { action: "windowWider", codes: ["KeyW"], shown: "W", group: "Image", places: EVERYWHERE, repeats: true },
  { action: "windowNarrower", codes: ["KeyS"], shown: "S", group: "Image", places: EVERYWHERE, repeats: true },
  { action: "levelUp", codes: ["KeyE"], shown: "E", group: "Image", places: EVERYWHERE, repeats: true },
  { action: "levelDown", codes: ["KeyD"], shown: "D", group: "Image", places: EVERYWHERE, repeats: true },
  { action: "preset", codes: ["KeyU"], shown: "U", group: "Image", places: EVERYWHERE },
  { action: "levels", codes: ["Shift+KeyW"], shown: "Shift W", group: "Image", places: EVERYWHERE },
  { action: "invert", codes: ["KeyI"], shown: "I", group: "Image", places: EVERYWHERE },
  { action: "smooth", codes: ["KeyY"], shown: "Y", group: "Image", places: EVERYWHERE },
  { action: "reset", codes: ["KeyR"], shown: "R", group: "Image", places: EVERYWHERE },

  { action: "sliceUp", codes: ["PageUp", "KeyK"], shown: "PageUp, K", group: "Slices", places: EVERYWHERE, repeats: true },
  { action: "sliceUp", codes: ["ArrowUp"], shown: "", group: "Slices", places: ["none"], repeats: true },
  { action: "sliceDown", codes: ["PageDown", "KeyJ"], shown: "PageDown, J", group: "Slices", places: EVERYWHERE, repeats: true },
  { action: "sliceDown", codes: ["ArrowDown"], shown: "", group: "Slices", places: ["none"], repeats: true },
  { action: "tenUp", codes: ["Shift+PageUp", "Shift+KeyK"], shown: "Shift PageUp, Shift K", group: "Slices", places: EVERYWHERE, repeats: true },
  { action: "tenDown", codes: ["Shift+PageDown", "Shift+KeyJ"], shown: "Shift PageDown, Shift J", group: "Slices", places: EVERYWHERE, repeats: true },
  { action: "firstSlice", codes: ["Home"], shown: "Home", group: "Slices", places: EVERYWHERE },
  { action: "lastSlice", codes: ["End"], shown: "End", group: "Slices", places: EVERYWHERE },
  { action: "worst", codes: ["KeyT"], shown: "T", group: "Slices", places: EVERYWHERE },
  { action: "nextPlane", codes: ["KeyG"], shown: "G", group: "Slices", places: EVERYWHERE },
  { action: "nextLayout", codes: ["KeyV"], shown: "V", group: "Slices", places: EVERYWHERE },
  { action: "crosshair", codes: ["KeyL"], shown: "L", group: "Slices", places: EVERYWHERE },

  { action: "print", codes: ["Ctrl+KeyP"], shown: "Ctrl P", group: "Page", places: EVERYWHERE },
  { action: "help", codes: ["Shift+Slash"], shown: "?", group: "Page", places: EVERYWHERE },
  { action: "close", codes: ["Escape"], shown: "Esc", group: "Page", places: [...EVERYWHERE, "line", "text"] },
];

export const GROUPS = ["Scores", "Items", "Image", "Slices", "Page"];

const OF_LETTERS = /^(Shift\+)?(Key[A-Z]|Bracket|Equal|Minus|Slash|Numpad(Add|Subtract))/;

/**
 * The shortcut for a key press, or null.
 *
 * `place` is where the focus is; `lettersOff` leaves out single-character keys; `takesSign` says
 * that the focused field takes a minus sign; `isRapid` that one digit scores.
 */
export function findShortcut(event, { place, lettersOff = false, takesSign = false, isRapid = false }) {
  if (event.isComposing || event.keyCode === 229) return null;
  if (event.altKey) return null;
  const code = codeOf(event);
  const shortcut = SHORTCUTS.find(({ codes, places }) => codes.includes(code) && places.includes(place));
  if (!shortcut || (shortcut.isRapid && !isRapid)) return null;
  if (event.repeat && !shortcut.repeats) return null;
  if (lettersOff && OF_LETTERS.test(code)) return null;
  if (takesSign && shortcut.isSign) return null;
  return shortcut;
}

/** As the table writes it: "Shift+KeyN". */
function codeOf({ key, code, shiftKey, ctrlKey, metaKey }) {
  const shift = shiftKey ? "Shift+" : "";
  // With Ctrl, or ⌘ in its place, browsers go by the letter where the layout has Latin ones
  if (ctrlKey || metaKey) return `Ctrl+${shift}${/^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : code}`;
  // Where the question mark lies elsewhere on the keyboard
  return key === "?" ? "Shift+Slash" : `${shift}${code}`;
}

/** A held key that must not act again must not type either. */
export function isHeldShortcut(event, place, isRapid = false) {
  if (!event.repeat) return false;
  const shortcut = findShortcut({ ...keyOf(event), repeat: false }, { place, isRapid });
  return shortcut !== null && !shortcut.repeats;
}

function keyOf(event) {
  const { code, key, shiftKey, ctrlKey, metaKey, altKey, isComposing, keyCode } = event;
  return { code, key, shiftKey, ctrlKey, metaKey, altKey, isComposing, keyCode };
}

/** Where the focus is, one of the places above. */
export function placeOf(element) {
  if (!element || element === document.body || element.id === "content") return "none";
  if (element.matches("[data-score-input]")) return "score";
  if (element.matches("[data-other-text]")) return "line";
  if (element.matches("[data-part=cannot-judge] [type=radio]")) return "choice";
  if (element.matches("textarea, select, input:not([type=range], [type=checkbox], [type=radio], [type=button])")) {
    return "text";
  }
  return element.matches("button, a, input, summary, [tabindex]") ? "control" : "none";
}
