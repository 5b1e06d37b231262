// Slices of all dates side by side: one window and one millimetre scale for all, outline on or off, moved by arrow keys.
(() => {
  "use strict";

  const { greyOf, overlays } = window.deltarad;
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
      this.lines = JSON.parse(figure.dataset.lines || "[]");
      figure.slice = this;
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

    // How far a slice (its index in the scan) lies from the one that is shown first.
    offsetOf(k) {
      const index = this.manifest.slices.findIndex((slice) => slice.k === Number(k));
      return index < 0 ? 0 : index - this.largest;
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
      this.place = { x, y, left, top, origin: this.manifest.origin_px };
      this.shown = slice.k;
      if (view.outline) overlays.contours(context, slice.contours, this.place);
      if (view.outline) overlays.lines(context, this.lines.filter((line) => line.k === slice.k), this.place);
      overlays.ruler(context, scale, side);
      this.figure.dispatchEvent(new Event("deltarad:painted"));
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
      const opened = this.all[this.current];
      if (opened?.manifest && opened.figure.dataset.opensAt) this.view.offset = opened.offsetOf(opened.figure.dataset.opensAt);
      this.show();
      this.element.dataset.ready = "true";
      this.element.dispatchEvent(new Event("deltarad:ready", { bubbles: true }));
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
      const { manifest: own, lines } = here;
      [here.manifest, here.lines] = [before.manifest, before.lines];
      here.paint(grey, before.manifest.slices[index], windowFor(before.manifest, this.view.window), this.view);
      [here.manifest, here.lines] = [own, lines];
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
      const jump = event.target.closest("[data-slice-k]");
      if (jump) {
        this.view.offset = jump.closest("[data-manifest]").slice.offsetOf(jump.dataset.sliceK);
        this.draw();
      }
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
