// Slices of all dates side by side: one window and one millimetre scale for all, outline on or off, moved by arrow keys.
(() => {
  "use strict";

  const { greyOf } = window.deltarad;
  const OUTLINE = "#e69f00";
  const PAPER = "#05070a";
  // Pictures at least so wide carry the whole word SYNTHETIC in their own pixels; over smaller ones it is set here.
  const STAMP_PX = 37;

  // Centre and width; a PET is read dark on light, as usual.
  const WINDOWS = {
    soft: { words: "W 400 · L 40 HU", low: -160, high: 240 },
    lung: { words: "W 1500 · L −600 HU", low: -1350, high: 150 },
    suv: { words: "SUV 0–10", low: 0, high: 10, inverted: true },
  };

  function windowFor(manifest, choice) {
    if (manifest.modality === "CT") return WINDOWS[choice === "lung" ? "lung" : "soft"];
    if (manifest.modality === "PT") return WINDOWS.suv;
    return { words: "1st–99th percentile", low: manifest.p1, high: manifest.p99 };
  }

  async function fetched(address, kind) {
    const response = await fetch(address, { credentials: "same-origin" });
    if (!response.ok) throw new Error("The picture could not be loaded.");
    return response[kind]();
  }

  // ---- one date
  class Slice {
    constructor(figure) {
      this.figure = figure;
      this.canvas = figure.querySelector("canvas");
      this.words = figure.querySelector("[data-slice-words]");
      this.pixels = new Map();
    }

    async load() {
      this.manifest = await fetched(this.figure.dataset.manifest, "json");
      const { slices, largest } = this.manifest;
      this.largest = Math.max(0, slices.findIndex((slice) => slice.k === largest));
      const mark = this.figure.querySelector("[data-synthetic]");
      if (mark) mark.hidden = this.manifest.size_px[0] >= STAMP_PX;
    }

    get extent() {
      const { size_px: [width, height], pixel_mm: [x, y] } = this.manifest;
      return Math.max(width * x, height * y);
    }

    at(offset) {
      return Math.min(this.manifest.slices.length - 1, Math.max(0, this.largest + offset));
    }

    async greyAt(index) {
      if (!this.pixels.has(index)) {
        const address = this.figure.dataset.picture.replace(/0{64}/, this.manifest.slices[index].png);
        this.pixels.set(index, fetched(address, "arrayBuffer").then(greyOf));
      }
      return this.pixels.get(index);
    }

    async draw(view) {
      const index = this.at(view.offset);
      const slice = this.manifest.slices[index];
      const grey = await this.greyAt(index);
      if (this.at(view.offset) !== index) return;
      const shown = windowFor(this.manifest, view.window);
      this.paint(grey, slice, shown, view);
      const place = `z ${slice.z_mm.toFixed(1).replace("-", "−")} mm`;
      const parts = [`slice ${index + 1} of ${this.manifest.slices.length}`, place, shown.words];
      this.words.textContent = parts.map((part) => part.replaceAll(" ", "\u00a0")).join(" · ");
    }

    paint(grey, slice, shown, view) {
      const side = Math.round(this.canvas.clientWidth * (window.devicePixelRatio || 1)) || 300;
      this.canvas.width = this.canvas.height = side;
      const context = this.canvas.getContext("2d");
      context.fillStyle = PAPER;
      context.fillRect(0, 0, side, side);
      const scale = side / view.extent;
      const [x, y] = this.manifest.pixel_mm.map((spacing) => spacing * scale);
      const left = (side - grey.width * x) / 2;
      const top = (side - grey.height * y) / 2;
      context.imageSmoothingEnabled = view.smooth;
      context.imageSmoothingQuality = "high";
      context.drawImage(this.shade(grey, shown), left, top, grey.width * x, grey.height * y);
      if (view.outline) this.outline(context, slice.contours, { x, y, left, top });
      this.ruler(context, scale, side);
    }

    shade({ width, height, values }, { low, high, inverted }) {
      const { offset, slope } = this.manifest;
      const picture = new ImageData(width, height);
      for (let at = 0; at < values.length; at += 1) {
        let level = (255 * (offset + slope * values[at] - low)) / (high - low);
        if (inverted) level = 255 - level;
        picture.data[4 * at] = picture.data[4 * at + 1] = picture.data[4 * at + 2] = level;
        picture.data[4 * at + 3] = 255;
      }
      const sheet = new OffscreenCanvas(width, height);
      sheet.getContext("2d").putImageData(picture, 0, 0);
      return sheet;
    }

    // Contour points are pixel centres at whole numbers; the picture's corner lies half a pixel before the first.
    outline(context, contours, { x, y, left, top }) {
      context.strokeStyle = OUTLINE;
      context.lineWidth = 1.6 * (window.devicePixelRatio || 1);
      for (const points of contours) {
        context.beginPath();
        for (const [i, j] of points) context.lineTo(left + (i + 0.5) * x, top + (j + 0.5) * y);
        context.closePath();
        context.stroke();
      }
    }

    ruler(context, scale, side) {
      const length = [50, 20, 10, 5, 2].find((mm) => mm * scale < side * 0.4) || 1;
      const dot = window.devicePixelRatio || 1;
      const [from, level] = [side - 10 * dot - length * scale, side - 12 * dot];
      context.fillStyle = "#000000";
      context.fillRect(from - dot, level - dot, length * scale + 2 * dot, 4 * dot);
      context.fillStyle = "#ffffff";
      context.fillRect(from, level, length * scale, 2 * dot);
      context.font = `${11 * dot}px system-ui, sans-serif`;
      context.textAlign = "right";
      // A dark edge: the words must be read over bone and air alike.
      context.strokeStyle = "#000000";
      context.lineWidth = 3 * dot;
      context.lineJoin = "round";
      context.strokeText(`${length} mm`, side - 10 * dot, level - 4 * dot);
      context.fillText(`${length} mm`, side - 10 * dot, level - 4 * dot);
    }

    fail(problem) {
      this.canvas.hidden = true;
      this.words.textContent = problem.message;
    }
  }

  // ---- all dates
  class Slices {
    constructor(element) {
      this.element = element;
      this.all = [...element.querySelectorAll("[data-manifest]")].map((figure) => new Slice(figure));
      this.view = { offset: 0, outline: true, smooth: true, window: "soft" };
      this.current = Math.max(0, this.all.findIndex(({ figure }) => figure.getAttribute("aria-current") === "true"));
      element.addEventListener("click", (event) => this.clicked(event));
      element.addEventListener("wheel", (event) => this.wheeled(event), { passive: false });
      new ResizeObserver(() => this.draw()).observe(element);
    }

    async load() {
      await Promise.all(this.all.map((slice) => slice.load().catch((problem) => slice.fail(problem))));
      this.ready = this.all.filter((slice) => slice.manifest);
      this.view.extent = Math.max(1, ...this.ready.map((slice) => slice.extent));
      const kinds = new Set(this.ready.map((slice) => slice.manifest.modality));
      const chooser = this.element.querySelector("[data-windows]");
      if (chooser) chooser.hidden = !kinds.has("CT");
      if (this.element.dataset.organ === "LUNG") this.view.window = "lung";
      this.show();
      this.element.dataset.ready = "true";
    }

    show() {
        this.all.forEach(({ figure }, at) => figure.setAttribute("aria-current", String(at === this.current)));
      for (const button of this.element.querySelectorAll("[data-set]")) {
        const [name, value] = button.dataset.set.split("=");
        const is = value === undefined ? this.view[name] : this.view[name] === value;
        button.setAttribute("aria-pressed", String(is));
      }
      this.draw();
    }

    draw() {
      for (const slice of this.ready || []) slice.draw(this.view).catch((problem) => slice.fail(problem));
    }

    move(by) {
      const next = this.view.offset + by;
      const lowest = Math.min(...this.ready.map((slice) => -slice.largest));
      const highest = Math.max(...this.ready.map((slice) => slice.manifest.slices.length - 1 - slice.largest));
      this.view.offset = Math.min(highest, Math.max(lowest, next));
      this.draw();
    }

    turn(by) {
      this.current = Math.min(this.all.length - 1, Math.max(0, this.current + by));
      this.show();
      this.all[this.current].figure.scrollIntoView({ block: "nearest", inline: "nearest" });
    }

    toggle(name) {
      this.view[name] = !this.view[name];
      this.show();
    }

    // While the key is held the current place shows the date before, for a flicker comparison.
    async peek(on) {
      const [here, before] = [this.all[this.current], this.all[this.current - 1]];
      if (!before?.manifest || !here?.manifest || this.isPeeking === on) return;
      this.isPeeking = on;
      if (!on) return void here.draw(this.view);
      const index = before.at(this.view.offset);
      const grey = await before.greyAt(index);
      if (!this.isPeeking) return;
      const own = here.manifest;
      here.manifest = before.manifest;
      here.paint(grey, before.manifest.slices[index], windowFor(before.manifest, this.view.window), this.view);
      here.manifest = own;
      here.words.textContent = `held: ${before.figure.dataset.on}`;
    }

    clicked(event) {
      const button = event.target.closest("[data-set]");
      if (button) {
        const [name, value] = button.dataset.set.split("=");
        if (value === undefined) return this.toggle(name);
        this.view[name] = value;
        return this.show();
      }
      const step = event.target.closest("[data-step]");
      if (step) return this.move(Number(step.dataset.step));
      const at = this.all.findIndex(({ figure }) => figure === event.target.closest("[data-manifest]"));
      if (at >= 0) this.turn(at - this.current);
    }

    wheeled(event) {
      if (event.target.tagName !== "CANVAS" || !event.shiftKey) return;
      event.preventDefault();
      this.move(event.deltaY < 0 ? 1 : -1);
    }
  }

  // ---- the keyboard goes to the strip that was opened or touched last
  let active = null;

  const KEYS = {
    ArrowLeft: (strip) => strip.turn(-1),
    ArrowRight: (strip) => strip.turn(1),
    ArrowUp: (strip) => strip.move(1),
    ArrowDown: (strip) => strip.move(-1),
    c: (strip) => strip.toggle("outline"),
    " ": (strip) => strip.peek(true),
  };

  document.addEventListener("keydown", (event) => {
    if (!active?.element.isConnected || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, dialog, [contenteditable]")) return;
    if (event.key === " " && event.target.closest("button, a, summary")) return;
    if (!KEYS[event.key] || !active.ready) return;
    event.preventDefault();
    KEYS[event.key](active);
  });
  document.addEventListener("keyup", (event) => {
    if (event.key === " " && active?.ready) active.peek(false);
  });
  document.addEventListener("pointerdown", (event) => {
    const strip = event.target.closest("[data-slices]")?.strip;
    if (strip) active = strip;
  });

  function begin(root) {
    for (const element of root.querySelectorAll("[data-slices]:not([data-begun])")) {
      element.dataset.begun = "true";
      element.strip = active = new Slices(element);
      element.strip.load();
    }
  }

  // On a page whose strip is in view already, a point of a chart marks its date there.
  document.addEventListener("deltarad:point", (event) => {
    const code = event.detail?.segmentation;
    if (!code || document.getElementById("drawer")) return;
    const figure = document.querySelector(`[data-manifest*="${CSS.escape(code)}"]`);
    const strip = figure?.closest("[data-slices]")?.strip;
    if (!strip) return;
    active = strip;
    strip.turn(strip.all.findIndex((slice) => slice.figure === figure) - strip.current);
  });

  document.addEventListener("DOMContentLoaded", () => begin(document));
  document.addEventListener("htmx:after:swap", () => begin(document));
})();
