/* How an item was looked at: it goes with the rating. */

const FLAGS = ["windowChanged", "zoomChanged", "invertedUsed", "overlayUsed", "overlayChanged"];

export class ViewRecord {
  /** `saved` is a former `snapshot()`: an item left and taken up again counts on. */
  constructor(image, saved = null) {
    this.image = image;
    this.seen = {};
    for (const [name, { slices }] of Object.entries(image.planes)) {
      this.seen[name] = new Set(ofRanges(saved?.seen?.[name]).filter((slice) => slice < slices));
    }
    for (const flag of FLAGS) this[flag] = saved?.[flag] ?? false;
    this.worstSlice = saved?.worstSlice ?? null;
  }

  /** What a draft keeps; of the slices only where each run of them begins and ends. */
  snapshot() {
    const seen = Object.entries(this.seen).map(([name, slices]) => [name, rangesOf(slices)]);
    const flags = FLAGS.map((flag) => [flag, this[flag]]);
    return { seen: Object.fromEntries(seen), ...Object.fromEntries(flags), worstSlice: this.worstSlice };
  }

  sawSlice(plane, slice) {
    this.seen[plane].add(slice);
  }

  /** It was on screen, not only asked for: of a volume a slice that has some of it. */
  sawMask() {
    this.overlayUsed = true;
  }

  /** Of the axial slices, or of the one there is. */
  get share() {
    const name = this.image.planes.axial ? "axial" : Object.keys(this.image.planes)[0];
    return this.seen[name].size / this.image.planes[name].slices;
  }

  /** Plain values for the server; `viewer` is the view at the moment of submitting. */
  asJson(viewer) {
    const { window: levels, mask, mainPane } = viewer;
    const counts = Object.entries(this.seen).map(([name, slices]) => [name, slices.size]);
    return {
      window: [levels.low, levels.high],
      window_changed: this.windowChanged,
      preset: levels.preset,
      inverted: levels.inverted,
      inverted_used: this.invertedUsed,
      interpolation: mainPane.isSmooth ? "smooth" : "nearest",
      zoom: Number(mainPane.view.scale.toFixed(4)),
      zoom_changed: this.zoomChanged,
      layout: viewer.layout,
      slices: { ...viewer.slices },
      slices_seen: Object.fromEntries(counts),
      slices_seen_share: Number(this.share.toFixed(4)),
      worst_slice: this.worstSlice,
      overlay_used: this.overlayUsed,
      overlay_changed: this.overlayChanged,
      overlay_shown: mask.isShown && this.overlayUsed,
      overlay_opacity: mask.opacity,
      overlay_fill: mask.isFilled,
      overlay_thickness: mask.thickness,
      stage: [viewer.stage.width, viewer.stage.height],
      viewport: [window.innerWidth, window.innerHeight],
      device_pixel_ratio: window.devicePixelRatio,
      locked: levels.locked,
      carried_window: levels.isCarried,
      fallback: viewer.isFallback,
    };
  }
}

/** [first, last, first, last, …] of the runs in a set of whole numbers. */
function rangesOf(numbers) {
  const ranges = [];
  for (const number of [...numbers].sort((one, other) => one - other)) {
    if (ranges.at(-1) === number - 1) ranges[ranges.length - 1] = number;
    else ranges.push(number, number);
  }
  return ranges;
}

function ofRanges(ranges = []) {
  const numbers = [];
  for (let place = 0; place < ranges.length; place += 2) {
    for (let number = ranges[place]; number <= ranges[place + 1]; number += 1) numbers.push(number);
  }
  return numbers;
}
