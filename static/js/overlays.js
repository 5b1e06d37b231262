// What lies over a slice: contours, lines between two points with their length, a ruler; and where pixels lie on the canvas.
(() => {
  "use strict";

  const OUTLINE = "#e69f00";
  const READER = "#56b4e9";
  const dot = () => window.devicePixelRatio || 1;

  // Pixel centres lie at whole numbers; the picture's corner lies half a pixel before the first. A place holds the
  // size of a pixel, where the picture begins on the canvas, and which pixel of the whole image comes first in it.
  const toCanvas = ([i, j], { x, y, left, top, origin }) =>
    [left + (i - origin[0] + 0.5) * x, top + (j - origin[1] + 0.5) * y];
  const toPixel = ([across, down], { x, y, left, top, origin }) =>
    [(across - left) / x - 0.5 + origin[0], (down - top) / y - 0.5 + origin[1]];
  const lengthMm = ([i, j], [otherI, otherJ], [x, y]) => Math.hypot((otherI - i) * x, (otherJ - j) * y);

  function contours(context, all, { x, y, left, top }) {
    context.strokeStyle = OUTLINE;
    context.lineWidth = 1.6 * dot();
    for (const points of all) {
      context.beginPath();
      for (const [i, j] of points) context.lineTo(left + (i + 0.5) * x, top + (j + 0.5) * y);
      context.closePath();
      context.stroke();
    }
  }

  // The outline's own diameter is dashed and orange, what a reader drew is whole and blue, with ticks at its ends.
  function lines(context, all, place) {
    for (const { ends_px: ends, mm, by } of all) {
      const [from, to] = ends.map((end) => toCanvas(end, place));
      const colour = by === "reader" ? READER : OUTLINE;
      context.strokeStyle = colour;
      context.lineWidth = 2 * dot();
      context.setLineDash(by === "reader" ? [] : [5 * dot(), 3 * dot()]);
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
      context.setLineDash([]);
      if (by === "reader") ticks(context, from, to);
      const right = from[0] > to[0] ? from : to;
      words(context, mm.toFixed(1), right[0] + 5 * dot(), right[1] + (by === "reader" ? 14 : -6) * dot(), colour);
    }
  }

  function ticks(context, from, to) {
    const far = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
    const [across, down] = [((to[1] - from[1]) / far) * 5 * dot(), ((from[0] - to[0]) / far) * 5 * dot()];
    context.beginPath();
    for (const [x, y] of [from, to]) {
      context.moveTo(x - across, y - down);
      context.lineTo(x + across, y + down);
    }
    context.stroke();
  }

  // A dark edge: the words must be read over bone and air alike.
  function words(context, text, x, y, colour, align = "left") {
    context.font = `${12 * dot()}px system-ui, sans-serif`;
    context.textAlign = align;
    context.strokeStyle = "#000000";
    context.lineWidth = 3 * dot();
    context.lineJoin = "round";
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  }

  function ruler(context, scale, side) {
    const length = [50, 20, 10, 5, 2].find((mm) => mm * scale < side * 0.4) || 1;
    const [from, level] = [side - 10 * dot() - length * scale, side - 12 * dot()];
    context.fillStyle = "#000000";
    context.fillRect(from - dot(), level - dot(), length * scale + 2 * dot(), 4 * dot());
    context.fillStyle = "#ffffff";
    context.fillRect(from, level, length * scale, 2 * dot());
    words(context, `${length} mm`, side - 10 * dot(), level - 4 * dot(), "#ffffff", "right");
  }

  window.deltarad = { ...window.deltarad, overlays: { contours, lines, ruler, toCanvas, toPixel, lengthMm } };
})();
