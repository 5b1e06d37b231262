// A caliper on a slice of the visit that is assessed: two ends set by mouse or keyboard, accepted into the form.
(() => {
  "use strict";

  const { overlays } = window.deltarad;
  const START_MM = 20;
  const ENDS = ["First end", "Second end"];
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const hundredth = (value) => Math.round(value * 100) / 100;
  const svg = (name) => document.createElementNS("http://www.w3.org/2000/svg", name);

  // What this reader has drawn and not signed: the newest line, or none any more.
  function unsigned(slice, line) {
    slice.lines = [...slice.lines.filter((other) => !other.is_draft), ...(line ? [line] : [])];
    slice.figure.closest("[data-slices]").strip.draw();
  }

  class Caliper {
    constructor(strip, bar, figure, opener) {
      Object.assign(this, { strip, bar, figure, opener, slice: figure.slice, what: bar.dataset.what });
      this.form = document.querySelector("[data-assessment]");
      this.hasMoved = false;
      this.ends = this.known() || this.startingEnds();
      this.build();
      this.listen();
      this.bar.hidden = false;
      figure.classList.add("measured");
      strip.draw();
      this.show();
    }

    field(name) {
      return this.form.elements[`${this.bar.dataset.field}-${name}`];
    }

    // What was drawn before on these pictures, to be moved on.
    known() {
      const [code, k, ...ends] = (this.field("line")?.value || "").split(" ");
      if (code !== this.figure.dataset.outline) return null;
      this.strip.view.offset = this.slice.offsetOf(k);
      const [i, j, otherI, otherJ] = ends.map(Number);
      return [[i, j], [otherI, otherJ]];
    }

    // In the middle, of a round length and on nothing: accepted only once an end was moved.
    startingEnds() {
      const { origin_px: [i, j], size_px: [width, height], pixel_mm: [x] } = this.slice.manifest;
      const [middle, level, half] = [i + (width - 1) / 2, j + (height - 1) / 2, START_MM / x / 2];
      return [[middle - half, level], [middle + half, level]].map((end) => this.inside(end));
    }

    inside([i, j]) {
      const { origin_px: [left, top], size_px: [width, height] } = this.slice.manifest;
      const within = (value, from, count) => hundredth(Math.min(from + count - 0.5, Math.max(from - 0.5, value)));
      return [within(i, left, width), within(j, top, height)];
    }

    build() {
      this.layer = document.createElement("div");
      this.layer.className = "caliper";
      this.line = svg("line");
      this.edge = svg("line");
      this.edge.setAttribute("class", "edge");
      const drawing = svg("svg");
      drawing.setAttribute("aria-hidden", "true");
      drawing.append(this.edge, this.line);
      this.words = document.createElement("span");
      this.words.className = "caliper-mm";
      this.handles = ENDS.map(() => {
        const handle = document.createElement("button");
        handle.type = "button";
        handle.className = "caliper-end";
        return handle;
      });
      this.layer.append(drawing, this.words, ...this.handles);
      this.slice.canvas.after(this.layer);
    }

    listen() {
      this.ending = new AbortController();
      const on = (target, name, act, more = {}) =>
        target.addEventListener(name, act.bind(this), { signal: this.ending.signal, ...more });
      on(this.figure, "deltarad:painted", this.show);
      on(this.layer, "pointerdown", this.grabbed);
      on(this.layer, "pointermove", this.dragged);
      on(this.layer, "pointerup", this.released);
      on(this.layer, "keydown", this.pressed);
      on(this.bar, "keydown", this.pressed);
      on(this.bar.querySelector("[data-caliper-accept]"), "click", this.accept);
      on(this.bar.querySelector("[data-caliper-cancel]"), "click", () => this.close());
    }

    get lengthMm() {
      return overlays.lengthMm(...this.ends, this.slice.manifest.pixel_mm);
    }

    // ---- shown
    show() {
      const { canvas, place } = this.slice;
      if (!place) return;
      const ratio = canvas.width / canvas.clientWidth;
      const points = this.ends.map((end) => overlays.toCanvas(end, place).map((at) => at / ratio));
      points.forEach(([x, y], at) => {
        this.handles[at].style.left = `${x}px`;
        this.handles[at].style.top = `${y}px`;
        const [i, j] = this.ends[at];
        this.handles[at].setAttribute("aria-label", `${ENDS[at]} of the ${this.what}, column ${i.toFixed(1)}, row ${j.toFixed(1)}`);
      });
      for (const line of [this.edge, this.line]) {
        [["x1", 0, 0], ["y1", 0, 1], ["x2", 1, 0], ["y2", 1, 1]].forEach(([name, at, axis]) => line.setAttribute(name, points[at][axis]));
      }
      const low = points[0][1] > points[1][1] ? points[0] : points[1];
      const said = `${this.lengthMm.toFixed(1)} mm`;
      this.words.textContent = said;
      this.words.style.left = `${Math.min(low[0], canvas.clientWidth - 60)}px`;
      this.words.style.top = `${Math.min(low[1] + 14, canvas.clientHeight - 22)}px`;
      this.bar.querySelector("[data-caliper-mm]").textContent = said;
      this.bar.querySelector("[data-caliper-words]").textContent =
        `${this.what}, ${this.figure.dataset.on.replaceAll(" ", "\u00a0")}${this.hasMoved ? "" : ", not set yet: move an end"}`;
      this.bar.querySelector("[data-caliper-accept]").disabled = !this.hasMoved;
    }

    // Spoken once somebody has stopped moving it.
    say() {
      this.hasMoved = true;
      this.show();
      window.clearTimeout(this.saying);
      this.saying = window.setTimeout(() => {
        this.bar.querySelector("[data-caliper-said]").textContent = `${this.what} ${this.lengthMm.toFixed(1)} millimetres`;
      }, 400);
    }

    // ---- by mouse: an end is moved, or a new line is drawn from where it goes down
    grabbed(event) {
      if (event.button !== 0) return;
      event.preventDefault();
      this.layer.setPointerCapture(event.pointerId);
      const grip = this.handles.indexOf(event.target);
      const at = this.pixelOf(event);
      this.held = grip < 0 ? 1 : grip;
      if (grip < 0) this.ends = [at, at];
      this.handles[this.held].focus({ preventScroll: true });
      if (grip < 0) this.say();
    }

    pixelOf(event) {
      const { canvas, place } = this.slice;
      const box = canvas.getBoundingClientRect();
      const ratio = canvas.width / canvas.clientWidth;
      return this.inside(overlays.toPixel([(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio], place));
    }

    dragged(event) {
      if (this.held === undefined) return;
      this.ends[this.held] = this.pixelOf(event);
      this.say();
    }

    released() {
      this.held = undefined;
    }

    // ---- by keyboard: what the caliper uses does not move dates or close the drawer as well
    pressed(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const end = this.handles.indexOf(event.target);
      const acts = {
        Escape: () => this.close(),
        PageUp: () => this.strip.move(1),
        PageDown: () => this.strip.move(-1),
        ...(end >= 0 && { Enter: () => this.accept() }),
      };
      const act = acts[event.key] || (end >= 0 && MOVES[event.key] && (() => this.step(end, MOVES[event.key], event.shiftKey)));
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      act();
    }

    step(end, [across, down], isFine) {
      const [i, j] = this.ends[end];
      const size = isFine ? 0.1 : 1;
      this.ends[end] = this.inside([i + across * size, j + down * size]);
      this.say();
    }

    // ---- into the form
    accept() {
      const { slice, strip } = this;
      const isShown = slice.manifest.slices[slice.at(strip.view.offset)].k === slice.shown;
      if (!this.hasMoved || !isShown || this.lengthMm < 0.5) return;
      const ends = this.ends.flat().map((value) => value.toFixed(2));
      this.field("state").value = "MEASURED";
      const own = this.field("is_own");
      if (own) own.checked = true;
      this.field("diameter_mm").value = this.lengthMm.toFixed(2);
      this.field("diameter_from").value = "DRAWN";
      this.field("line").value = [this.figure.dataset.outline, this.slice.shown, ...ends].join(" ");
      const day = this.field("observed_on");
      if (day) day.value = this.figure.dataset.day;
      unsigned(slice, { k: slice.shown, ends_px: this.ends, mm: this.lengthMm, by: "reader", is_draft: true });
      this.close(this.field("diameter_why"));
    }

    close(next) {
      this.ending.abort();
      window.clearTimeout(this.saying);
      this.layer.remove();
      this.bar.hidden = true;
      this.figure.classList.remove("measured");
      this.strip.draw();
      const button = this.strip.element.querySelector("[data-caliper]");
      button.setAttribute("aria-pressed", "false");
      caliper = null;
      const target = next || (this.opener?.isConnected && this.opener.checkVisibility() ? this.opener : button);
      target.focus();
      target.scrollIntoView({ block: "nearest" });
    }
  }

  // ---- opened from the drawer, or from a lesion's row
  let caliper = null;
  let asked = null;

  function open(strip, opener) {
    const bar = strip.element.querySelector("[data-caliper-bar]");
    const all = strip.ready.filter(({ figure }) => "mayDraw" in figure.dataset);
    const chosen = all.find(({ figure }) => figure.getAttribute("aria-current") === "true") || all[0];
    if (!bar || !chosen) return;
    strip.turn(strip.all.indexOf(chosen) - strip.current);
    strip.element.querySelector("[data-caliper]").setAttribute("aria-pressed", "true");
    caliper = new Caliper(strip, bar, chosen.figure, opener);
    caliper.handles[0].focus({ preventScroll: true });
    chosen.figure.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("click", async (event) => {
    const toggle = event.target.closest("[data-caliper]");
    if (toggle) return caliper?.layer.isConnected ? caliper.close() : open(toggle.closest("[data-slices]").strip, toggle);
    const button = event.target.closest("[data-draw]");
    const drawer = document.getElementById("drawer");
    if (!button || !drawer || asked) return;
    asked = button;
    drawer.hidden = false;
    await window.htmx.ajax("GET", button.dataset.draw, { target: "#drawer", swap: "innerHTML" });
    if (!drawer.querySelector("[data-slices]")) asked = null;
  });
  document.addEventListener("deltarad:ready", (event) => {
    const toggle = event.target.querySelector("[data-caliper]");
    if (toggle) toggle.disabled = false;
    if (!asked || !event.target.closest("#drawer")) return;
    open(event.target.strip, asked);
    asked = null;
  });
  document.addEventListener("deltarad:drawer-closed", () => (caliper = asked = null));

  // A number that is typed, or said to be typed, is not what was drawn.
  document.addEventListener("input", (event) => {
    const [, lesion, name] = /^(lesion-\d+)-(diameter_mm|diameter_from)$/.exec(event.target.name || "") || [];
    const elements = event.target.form?.elements;
    if (!lesion || (name === "diameter_from" && event.target.value === "DRAWN")) return;
    const line = elements[`${lesion}-line`];
    if (!line?.value) return;
    const slice = document.querySelector(`#drawer [data-outline="${line.value.split(" ")[0]}"]`)?.slice;
    if (slice) unsigned(slice, null);
    line.value = "";
    elements[`${lesion}-diameter_from`].value = "TYPED";
  });

  for (const button of document.querySelectorAll("[data-draw]")) button.hidden = false;
})();
