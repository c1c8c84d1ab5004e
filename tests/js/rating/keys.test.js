import assert from "node:assert/strict";
import test from "node:test";

import { GROUPS, SHORTCUTS, findShortcut, isHeldShortcut } from "../../../static/js/rating/keys.js";

const press = (code, more = {}) => ({ code, key: "", shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, repeat: false, isComposing: false, keyCode: 0, ...more });
const actionOf = (event, place = "score", more = {}) => findShortcut(event, { place, ...more })?.action ?? null;

test("no two shortcuts share a key in one place", () => {
  const taken = new Map();
  for (const { action, codes, places } of SHORTCUTS) {
    for (const code of codes) {
      for (const place of places) {
        const spot = `${code} in ${place}`;
        assert.equal(taken.get(spot), undefined, `${action} and ${taken.get(spot)} share ${spot}`);
        taken.set(spot, action);
      }
    }
  }
});

test("no shortcut takes a digit, nor a key that edits or leaves a field", () => {
  for (const { codes, isRapid } of SHORTCUTS) {
    for (const code of codes) {
      assert.doesNotMatch(code, /Digit|Numpad[0-9]|Delete|Tab|Space|^Arrow(Left|Right)$/);
      if (!isRapid) assert.notEqual(code, "Backspace");
    }
  }
});

test("Backspace goes back only where one digit scores, once for each press, and never in a text", () => {
  assert.equal(actionOf(press("Backspace")), null);
  assert.equal(actionOf(press("Backspace"), "score", { isRapid: true }), "goBack");
  for (const place of ["text", "line"]) assert.equal(actionOf(press("Backspace"), place, { isRapid: true }), null);
  const held = press("Backspace", { repeat: true });
  assert.equal(actionOf(held, "score", { isRapid: true }), null);
  assert.equal(isHeldShortcut(held, "score", true), true);
  assert.equal(isHeldShortcut(held, "score"), false);
});

test("in a text nothing acts but Escape", () => {
  for (const { codes } of SHORTCUTS) {
    for (const code of codes) {
      const shiftKey = code.startsWith("Shift+");
      const action = actionOf(press(code.replace("Shift+", ""), { shiftKey }), "text");
      assert.equal(action, code === "Escape" ? "close" : null, code);
    }
  }
});

test("Enter acts in scores but belongs to a button that has the focus", () => {
  assert.equal(actionOf(press("Enter")), "next");
  assert.equal(actionOf(press("NumpadEnter")), "next");
  assert.equal(actionOf(press("Enter", { shiftKey: true })), "previous");
  assert.equal(actionOf(press("Enter"), "control"), null);
});

test("a held Enter acts once and is kept from doing anything else", () => {
  const held = press("Enter", { repeat: true });
  assert.equal(actionOf(held), null);
  assert.equal(isHeldShortcut(held, "score"), true);
  assert.equal(actionOf(press("PageUp", { repeat: true })), "sliceUp");
  assert.equal(isHeldShortcut(press("PageUp", { repeat: true }), "score"), false);
  assert.equal(isHeldShortcut(press("Digit1", { repeat: true }), "score"), false);
});

test("combinations with Ctrl, Meta and Alt are the browser's", () => {
  for (const modifier of ["ctrlKey", "metaKey", "altKey"]) {
    assert.equal(actionOf(press("KeyR", { [modifier]: true })), null);
  }
});

test("nothing acts while an input method composes", () => {
  assert.equal(actionOf(press("KeyM", { isComposing: true })), null);
  assert.equal(actionOf(press("Enter", { keyCode: 229 })), null);
});

test("keys are physical, except the question mark", () => {
  assert.equal(actionOf(press("KeyM", { key: "ь" })), "mask");
  assert.equal(actionOf(press("Minus", { key: "?", shiftKey: true })), "help");
});

test("single-letter keys can be switched off; Enter and the slice keys stay", () => {
  const off = { lettersOff: true };
  for (const code of ["KeyM", "KeyX", "BracketLeft", "Minus"]) assert.equal(actionOf(press(code), "score", off), null);
  assert.equal(actionOf(press("KeyN", { shiftKey: true }), "score", off), null);
  assert.equal(actionOf(press("Enter"), "score", off), "next");
  assert.equal(actionOf(press("PageUp"), "score", off), "sliceUp");
});

test("no key that types a letter or a sign is left on, wherever it lies", () => {
  const typesNothing = /^(Shift\+)?((Numpad)?Enter|Arrow\w+|Page(Up|Down)|Home|End|Escape|Backspace)$|^Ctrl\+/;
  const typing = SHORTCUTS.flatMap(({ codes }) => codes).filter((code) => !typesNothing.test(code));
  assert.ok(typing.includes("NumpadAdd") && typing.includes("NumpadSubtract"));
  for (const code of typing) {
    const event = press(code.replace("Shift+", ""), { shiftKey: code.startsWith("Shift+") });
    assert.notEqual(actionOf(event, "none"), null, code);
    assert.equal(actionOf(event, "none", { lettersOff: true }), null, code);
  }
});

test("a field that takes negative scores gets its minus sign", () => {
  assert.equal(actionOf(press("Minus")), "zoomOut");
  assert.equal(actionOf(press("Minus"), "score", { takesSign: true }), null);
  assert.equal(actionOf(press("NumpadSubtract"), "score", { takesSign: true }), null);
});

test("arrows go through fields in a score and through slices elsewhere", () => {
  assert.equal(actionOf(press("ArrowUp"), "score"), "previous");
  assert.equal(actionOf(press("ArrowUp"), "none"), "sliceUp");
  assert.equal(actionOf(press("ArrowUp"), "control"), null);
  assert.equal(actionOf(press("ArrowUp"), "choice"), null);
});

test("every shortcut stands in a group of the help", () => {
  for (const { group } of SHORTCUTS) assert.ok(GROUPS.includes(group));
});

test("Ctrl or ⌘ with P prints, by the letter and not by its place, but not out of a text", () => {
  for (const modifier of ["ctrlKey", "metaKey"]) {
    assert.equal(actionOf(press("KeyP", { key: "p", [modifier]: true })), "print");
    // Dvorak has the P elsewhere, and another letter there
    assert.equal(actionOf(press("KeyR", { key: "p", [modifier]: true })), "print");
    assert.equal(actionOf(press("KeyP", { key: "l", [modifier]: true })), null);
    assert.equal(actionOf(press("KeyP", { key: "з", [modifier]: true })), "print");
    assert.equal(actionOf(press("KeyP", { key: "P", [modifier]: true, shiftKey: true })), null);
    assert.equal(actionOf(press("KeyP", { key: "p", [modifier]: true, altKey: true })), null);
    assert.equal(actionOf(press("KeyP", { key: "p", [modifier]: true }), "text"), null);
  }
  assert.equal(actionOf(press("KeyP", { key: "p" })), "pause");
  assert.equal(actionOf(press("KeyP", { key: "p", ctrlKey: true }), "score", { lettersOff: true }), "print");
});
