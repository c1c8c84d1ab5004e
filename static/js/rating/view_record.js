/* How an item was looked at: it goes with the rating. */

export class ViewRecord {
  constructor(image) {
    this.image = image;
    this.seen = Object.fromEntries(Object.keys(image.planes).map((name) => [name, new Set()]));
    this.windowChanged = false;
    this.zoomChanged = false;
    this.invertedUsed = false;
    this.overlayUsed = false;
    this.overlayChanged = false;
  }

  sawSlice(plane, slice) {
    this.seen[plane].add(slice);
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
      worst_slice: viewer.worstSlice,
      overlay_used: this.overlayUsed,
      overlay_changed: this.overlayChanged,
      overlay_shown: mask.isShown,
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
