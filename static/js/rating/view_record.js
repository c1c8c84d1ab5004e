/* How an item was looked at: it goes with the rating. */

export class ViewRecord {
  constructor(image) {
    this.image = image;
    this.slicesSeen = new Set();
    this.overlayUsed = false;
    this.windowChanged = false;
    this.zoomChanged = false;
    this.inverted = false;
  }

  sawSlice(slice) {
    this.slicesSeen.add(slice);
  }

  /** Plain values for the server; `viewer` is the view at the moment of submitting. */
  asJson(viewer) {
    return {
      window: [viewer.window.low, viewer.window.high],
      window_changed: this.windowChanged,
      inverted: viewer.window.inverted,
      inverted_used: this.inverted,
      zoom: Number(viewer.view.scale.toFixed(4)),
      zoom_changed: this.zoomChanged,
      slice: viewer.slice,
      slices_seen: this.slicesSeen.size,
      slices_seen_share: Number((this.slicesSeen.size / this.image.slices).toFixed(4)),
      overlay_used: this.overlayUsed,
      overlay_shown: viewer.isMaskShown,
      overlay_opacity: viewer.maskOpacity,
      stage: [viewer.stage.width, viewer.stage.height],
      viewport: [window.innerWidth, window.innerHeight],
      device_pixel_ratio: window.devicePixelRatio,
    };
  }
}
