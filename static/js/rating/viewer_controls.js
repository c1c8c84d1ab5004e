/*
 * The row below the image and the panel that opens above it. Each control does what a key does, and
 * shows how the image is shown.
 */

import { Histogram } from "./histogram.js";
import { PLANE_TEXTS } from "./pane_labels.js";
import { number, text, typedNumber } from "./text.js";
import { viewNotes } from "./view_notes.js";

const PRESET_TEXTS = {
  standard: "presetStandard",
  full: "presetFull",
  robust: "presetRobust",
  bone: "presetBone",
  soft_tissue: "presetSoftTissue",
  tooth: "presetTooth",
};

/** Here the row has no room for the presets; they go into the panel. */
const NARROW = "(max-width: 79rem), (pointer: coarse)";

export class ViewerControls {
  /** `onDone` runs when the panel closes or a preset was pointed at: the focus goes elsewhere then. */
  constructor(viewer, root, onDone) {
    this.viewer = viewer;
    this.onDone = onDone;
    this.parts = Object.fromEntries(
      [...root.querySelectorAll("[data-control]")].map((part) => [part.dataset.control, part]),
    );
    this.histogram = new Histogram(this.parts.histogram, viewer);
    this.written = new Map();
    this.#connect();
    this.#followRoom();
    viewer.addEventListener("qa-view", () => this.show());
    viewer.addEventListener("qa-painted", () => this.#showPresets());
  }

  get isOpen() {
    return !this.parts.panel.hidden;
  }

  /** Open or close the panel with histogram, typed window and the mask's looks. */
  togglePanel() {
    if (!this.viewer.assignment) return;
    this.parts.panel.hidden = this.isOpen;
    this.parts.levels.setAttribute("aria-expanded", String(this.isOpen));
    this.show();
    if (!this.isOpen) this.onDone();
  }

  /** Close the panel; false where it was closed. */
  closePanel() {
    if (!this.isOpen) return false;
    this.togglePanel();
    return true;
  }

  show() {
    const { viewer, parts } = this;
    const { assignment } = viewer;
    this.#set(parts.root, "hidden", !assignment);
    if (!assignment) {
      parts.panel.hidden = true;
      parts.levels.setAttribute("aria-expanded", "false");
      this.#set(parts.notes, "textContent", "");
      return;
    }
    const { view, isSmooth, mode } = viewer.pane;
    this.#set(parts.zoom, "textContent", zoomText(view.scale));
    this.#press(parts.fit, mode === "fit");
    this.#press(parts.one, mode === "one");
    this.#press(parts.smooth, isSmooth);
    this.#set(parts.notes, "textContent", viewNotes(viewer).join("\n"));
    this.#showWindow();
    this.#showMask();
    this.#showSlice();
    if (this.isOpen) this.histogram.show();
  }

  #showWindow() {
    const { viewer, parts } = this;
    const { centre, width, inverted, locked } = viewer.window;
    const unit = viewer.image.unit ?? "";
    this.#showPresets();
    const key = [centre, width, inverted, locked, unit].join();
    if (this.written.get("window") === key) return;
    this.written.set("window", key);
    this.#set(parts.levels, "title", locked ? text("locked") : "");
    this.#set(parts.levelsText, "textContent", text("levels", { centre: short(centre), width: short(width), unit }));
    this.#set(parts.unit, "textContent", unit);
    this.#press(parts.invert, inverted);
    for (const part of [parts.invert, parts.preset, parts.centre, parts.width]) {
      this.#set(part, "disabled", locked);
      if (locked) this.#set(part, "title", text("locked"));
    }
    for (const [input, value] of [[parts.centre, centre], [parts.width, width]]) {
      if (document.activeElement !== input) this.#set(input, "value", String(Number(value.toPrecision(7))));
    }
  }

  #showPresets() {
    const { viewer, parts } = this;
    if (!viewer.assignment) return;
    const presets = viewer.image.presets;
    const key = presets.map(({ code, name }) => `${code}:${name ?? ""}`).join();
    if (this.written.get("presets") !== key) {
      this.written.set("presets", key);
      parts.preset.replaceChildren(...presets.map((preset) => new Option(nameOf(preset), preset.code)));
      parts.preset.append(new Option(text("presetOwn"), "", false, false));
      parts.preset.lastChild.disabled = true;
    }
    const chosen = viewer.window.preset ?? "";
    if (parts.preset.value !== chosen) parts.preset.value = chosen;
  }

  #showMask() {
    const { viewer, parts } = this;
    const { mask } = viewer;
    this.#set(parts.mask, "hidden", !mask.hasMask);
    this.#set(parts.maskPart, "hidden", !mask.hasMask);
    this.#press(parts.mask, mask.isShown);
    this.#press(parts.fill, mask.isFilled);
    this.#set(parts.opacity, "value", String(mask.opacity));
    this.#set(parts.opacity, "aria-valuetext", `${Math.round(mask.opacity * 100)} %`);
    this.#set(parts.thickness, "value", String(mask.thickness));
  }

  #showSlice() {
    const { viewer, parts } = this;
    for (const part of [parts.slicePart, parts.layout, parts.volumePart]) this.#set(part, "hidden", !viewer.isVolume);
    if (!viewer.isVolume) return;
    const { slices } = viewer.pane.plane;
    const plane = text(PLANE_TEXTS[viewer.currentPlane]);
    this.#set(parts.plane, "textContent", plane);
    this.#set(parts.slice, "max", String(slices - 1));
    this.#set(parts.slice, "value", String(viewer.slice));
    const told = { plane, number: number(viewer.slice + 1), total: number(slices) };
    this.#set(parts.slice, "aria-valuetext", text("planeCaption", told));
    const isThree = viewer.layout === "three";
    this.#set(parts.layoutText, "textContent", text(isThree ? "threePlanes" : "onePlane"));
    this.#press(parts.crosshair, viewer.isCrosshairShown);
    const worst = viewer.worstSlice;
    const isMarked = worst?.plane === viewer.currentPlane;
    this.#set(parts.worstMark, "hidden", !isMarked);
    if (isMarked) parts.worstMark.style.setProperty("--share", String(worst.slice / Math.max(1, slices - 1)));
    this.#press(parts.worst, isMarked && worst.slice === viewer.slice);
  }

  /** Writes only what changed: a page that scrolls through slices has other things to do. */
  #set(part, property, value) {
    if (this.written.get(part)?.[property] === value) return;
    this.written.set(part, { ...this.written.get(part), [property]: value });
    if (property.startsWith("aria-")) part.setAttribute(property, value);
    else part[property] = value;
  }

  #press(button, isPressed) {
    this.#set(button, "aria-pressed", String(isPressed));
  }

  #connect() {
    const { viewer, parts } = this;
    const actions = {
      zoomIn: () => viewer.zoom(1),
      zoomOut: () => viewer.zoom(-1),
      fit: () => viewer.setMode("fit"),
      one: () => viewer.setMode("one"),
      smooth: () => viewer.toggleSmooth(),
      layout: () => viewer.nextLayout(),
      levels: () => this.togglePanel(),
      close: () => this.togglePanel(),
      invert: () => viewer.invert(),
      reset: () => viewer.reset(),
      mask: () => viewer.setMaskShown(!viewer.mask.isShown),
      fill: () => viewer.changeMask((mask) => mask.setFilled(!mask.isFilled)),
      crosshair: () => viewer.toggleCrosshair(),
      worst: () => viewer.markWorst(),
    };
    for (const [name, run] of Object.entries(actions)) {
      // The score field keeps the focus
      parts[name].addEventListener("pointerdown", (event) => event.preventDefault());
      parts[name].addEventListener("click", run);
    }
    const follow = (name, run) => parts[name].addEventListener("input", () => run(Number(parts[name].value)));
    follow("opacity", (opacity) => viewer.changeMask((mask) => mask.setOpacity(opacity)));
    follow("thickness", (thickness) => viewer.changeMask((mask) => mask.setThickness(thickness)));
    follow("slice", (slice) => viewer.showSlice(slice));
    let isPointed = false;
    for (const [name, value] of [["pointerdown", true], ["keydown", false]]) {
      parts.preset.addEventListener(name, () => {
        isPointed = value;
      });
    }
    parts.preset.addEventListener("change", () => {
      viewer.setPreset(parts.preset.value);
      // By keys one goes on through the list
      if (isPointed) this.onDone();
    });
    for (const input of [parts.centre, parts.width]) {
      input.addEventListener("change", () => this.#setTyped());
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.isComposing) this.#setTyped();
      });
      // What was refused gives way to what holds
      input.addEventListener("blur", () => {
        this.written.delete("window");
        this.written.delete(input);
        this.show();
      });
    }
  }

  #followRoom() {
    const { presetPart, presetPlace, narrowPlace } = this.parts;
    const narrow = window.matchMedia(NARROW);
    const put = () => {
      (narrow.matches ? narrowPlace : presetPlace).append(presetPart);
      narrowPlace.hidden = !narrow.matches;
    };
    narrow.addEventListener("change", put);
    put();
  }

  #setTyped() {
    const { centre, width } = this.parts;
    this.viewer.setWindow(typedNumber(centre.value), typedNumber(width.value));
  }
}

function nameOf({ code, name }) {
  return name ?? text(PRESET_TEXTS[code]);
}

function short(value) {
  return number(Number(value.toPrecision(Math.abs(value) >= 1000 ? 5 : 4)));
}

/** Device pixels of one image pixel: exact ones are said so. */
function zoomText(scale) {
  if (scale === 1) return text("zoomOne");
  const digits = Number.isInteger(scale) ? 0 : 2;
  return text("zoom", { scale: scale.toFixed(digits) });
}
