/*
 * Put into the page before its own scripts. Times one change of what is on screen: from a key's
 * press (its own time stamp) to the animation frame after the one in which the viewer says that the
 * new pixels are painted, and looks then, after the clock has stopped, what really is on the canvas.
 *
 * `config` (see page.py) comes before this text. Nothing of the page is replaced, but `fetch` where
 * `config.holdsBack` asks for a page that has nothing fetched ahead.
 */
(() => {
  const config = globalThis.viewerProbeConfig;
  const probe = { armed: null, done: null, paintedCount: 0, pixels: [] };
  globalThis.viewerProbe = probe;
  const isPixels = (address) => String(address).includes(config.pixels);
  const now = () => performance.now();

  // What the network brought, and when
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      if (!isPixels(one.name)) continue;
      probe.pixels.push({
        address: one.name,
        start: one.startTime,
        end: one.responseEnd,
        bytes: one.transferSize,
      });
      probe.lastPixels = now();
    }
  }).observe({ type: "resource", buffered: true });

  // Nothing is fetched ahead: only what is on screen, and after the key what then is asked first
  if (config.holdsBack) {
    const { first, part } = config.holdsBack;
    const fetchThrough = globalThis.fetch;
    const allowed = new Set();
    probe.allowance = first;
    globalThis.fetch = function fetch(resource, options) {
      const address = String(resource?.url ?? resource);
      if (!isPixels(address)) return fetchThrough.call(globalThis, resource, options);
      const asked = part ? new RegExp(part).exec(address)[1] : address;
      if (!allowed.has(asked) && probe.allowance > 0) {
        probe.allowance -= 1;
        allowed.add(asked);
      }
      if (allowed.has(asked)) return fetchThrough.call(globalThis, resource, options);
      return Promise.reject(new TypeError("held back by the benchmark"));
    };
  }

  const fieldsAreReady = () => {
    const fields = [...document.querySelectorAll(config.fields)].filter((field) => !field.disabled);
    const isEmpty = fields.every((field) => field.value === "");
    return fields.length > 0 && isEmpty && document.activeElement === fields[0];
  };

  /** Copies of what is on screen now; copying from the copy leaves the page's own canvas alone. */
  const copies = () =>
    shownCanvases().map((canvas) => {
      const copy = document.createElement("canvas");
      copy.width = canvas.width;
      copy.height = canvas.height;
      const context = copy.getContext("2d", { willReadFrequently: true });
      context.drawImage(canvas, 0, 0);
      return { context, width: copy.width, height: copy.height };
    });

  const shownCanvases = () =>
    [...document.querySelectorAll(config.canvases)].filter(
      ({ offsetWidth, width }) => offsetWidth > 0 && width > 0,
    );

  const thumb = Object.assign(document.createElement("canvas"), { width: 8, height: 8 }).getContext(
    "2d",
    { willReadFrequently: true },
  );

  document.addEventListener(
    "keydown",
    (event) => {
      const { armed } = probe;
      if (!armed || armed.start !== null || event.code !== armed.code) return;
      armed.start = event.timeStamp;
      armed.heard = now();
      if (config.holdsBack) probe.allowance = 1;
    },
    { capture: true },
  );

  // The page's own event does not bubble, but is captured on its way down
  document.addEventListener(
    config.painted,
    () => {
      const painted = now();
      probe.paintedCount += 1;
      probe.lastPainted = painted;
      const { armed } = probe;
      if (!armed || armed.start === null) return;
      armed.first ??= painted;
      if (armed.isFinishing || countPictures() < armed.pictures) return;
      armed.isFinishing = true;
      armed.painted = painted;
      requestAnimationFrame(() => finish(armed));
    },
    { capture: true },
  );

  /** How many canvases show anything; looked at closely only where several are to be filled. */
  const countPictures = () => {
    const shown = shownCanvases();
    if (probe.armed.pictures < 2) return shown.length;
    return shown.filter((canvas) => {
      // A canvas on which nothing is painted yet lets the one before it shine through; Chromium
      // leaves the clearing out where a whole picture follows, unless it is looked at
      thumb.clearRect(0, 0, 8, 8);
      thumb.getImageData(0, 0, 1, 1);
      thumb.drawImage(canvas, 0, 0, 8, 8);
      return thumb.getImageData(0, 0, 8, 8).data.some((value, place) => value > 0 && place % 4 < 3);
    }).length;
  };

  const finish = (armed) => {
    armed.framed ??= now();
    armed.shown ??= copies();
    if (armed.wantsFields && !fieldsAreReady()) {
      requestAnimationFrame(() => finish(armed));
      return;
    }
    armed.ready = now();
    probe.armed = null;
    probe.done = armed;
  };

  /** Time what the next press of the key `code` brings: `pictures` canvases that show something. */
  probe.arm = (code, wantsFields, pictures = 1) => {
    probe.done = null;
    probe.armed = { code, wantsFields, pictures, start: null };
  };

  if (config.timesNavigation) {
    probe.arm(null, false, config.timesNavigation);
    probe.armed.start = 0;
    probe.armed.heard = 0;
  }

  /** The times of what was armed in milliseconds since the press, and the marks on screen. */
  probe.result = () => {
    const { done } = probe;
    if (!done) return null;
    const since = (time) => time - done.start;
    return {
      start: done.start,
      heard: since(done.heard),
      first: since(done.first),
      painted: since(done.painted),
      framed: since(done.framed),
      ready: since(done.ready),
      marks: done.shown.map(readMark),
    };
  };

  /** Whether the page came to rest: something painted, fields ready, nothing fetched for a while. */
  probe.isSettled = (quietMs, wantsFields) => {
    const last = Math.max(probe.lastPixels ?? 0, probe.lastPainted ?? Infinity);
    return now() - last > quietMs && (!wantsFields || fieldsAreReady());
  };

  probe.readNow = () => copies().map(readMark);

  /** Turn the wheel over the first canvas in every animation frame, to and fro over some slices. */
  probe.scroll = (milliseconds, span) =>
    new Promise((resolve) => {
      const times = [];
      const before = probe.paintedCount;
      const [canvas] = shownCanvases();
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const place = { clientX: left + width / 2, clientY: top + height / 2 };
      const frame = (time) => {
        times.push(time);
        if (time - times[0] >= milliseconds) {
          resolve({ times, painted: probe.paintedCount - before });
          return;
        }
        const deltaY = Math.floor(times.length / span) % 2 ? 100 : -100;
        canvas.dispatchEvent(
          new WheelEvent("wheel", { deltaY, bubbles: true, cancelable: true, ...place }),
        );
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });

  /*
   * Reads the number off a copy: the bounds of the bright frame first, then the blocks below its
   * upper edge, see pictures.py.
   */
  const readMark = ({ context, width, height }) => {
    const { data } = context.getImageData(0, 0, width, height);
    const bright = (x, y) => data[4 * (Math.round(y) * width + Math.round(x))] > 127;
    const bounds = frameOf(bright, width, height);
    if (!bounds) return null;
    const { blocks, block, start, places } = config.mark;
    const { left, right, top, bottom } = bounds;
    for (const { rows, columns, lower } of places) {
      const across = (right - left + 1) / columns;
      const down = (bottom - top + 1) / rows;
      const y = top + (start + lower + block / 2) * down - 0.5;
      const bits = Array.from({ length: blocks }, (_, index) =>
        bright(left + (start + (index + 0.5) * block) * across - 0.5, y) ? 1 : 0,
      );
      const number = decode(bits);
      if (number !== null) return number;
    }
    return null;
  };

  const frameOf = (bright, width, height) => {
    const rows = [];
    const columns = [];
    for (let x = 0; x < width; x += 1) {
      for (let y = 0; y < height; y += 1) {
        if (bright(x, y)) {
          columns.push(x);
          break;
        }
      }
    }
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        if (bright(x, y)) {
          rows.push(y);
          break;
        }
      }
    }
    if (!columns.length) return null;
    return { left: columns[0], right: columns.at(-1), top: rows[0], bottom: rows.at(-1) };
  };

  /** 1 0, the bits of the number, their parity, 0 1. */
  const decode = (bits) => {
    const [one, zero, ...rest] = bits;
    const ending = rest.splice(-2);
    if (one !== 1 || zero !== 0 || ending[0] !== 0 || ending[1] !== 1) return null;
    const parity = rest.pop();
    if (rest.reduce((sum, bit) => sum + bit, 0) % 2 !== parity) return null;
    return rest.reduce((number, bit) => 2 * number + bit, 0);
  };
})();
