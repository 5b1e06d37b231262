// Figures from the page's JSON to Plotly: drawn on load and after a swap, re-coloured when the theme changes.
(() => {
  "use strict";

  const root = document.documentElement;
  const library = document.currentScript?.dataset.plotly;
  const NO_LESION = "00000000-0000-0000-0000-000000000000";
  const PRINT_WIDTH = 690; // A4 within its margins, in CSS pixels
  const CONFIG = {
    displaylogo: false,
    displayModeBar: "hover",
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]], // named one by one: nothing here may leave the site
  };

  // Plotly adds a style sheet for maps unless an element of this name is there; the page's policy would refuse it.
  const MAP_STYLES = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = () => root.dataset.theme || (dark.matches ? "dark" : "light");
  const drawn = () => [...document.querySelectorAll(".figure")].filter((figure) => figure.drawing);

  // Pages without a figure never load the library.
  let loading;
  let printing = false;
  function plotly() {
    if (window.Plotly) return Promise.resolve(window.Plotly);
    loading ??= new Promise((resolve, reject) => {
      const guard = document.createElement("template");
      guard.id = MAP_STYLES;
      const script = document.createElement("script");
      script.src = library;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => reject(new Error("the chart library did not load"));
      document.head.append(guard, script);
    });
    return loading;
  }

  // Every colour in the JSON is a token; this puts in the palette of one theme.
  function coloured(part, palette) {
    if (typeof part === "string") return palette[part] ?? part;
    if (Array.isArray(part)) return part.map((one) => coloured(one, palette));
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, coloured(one, palette)]));
  }

  // A visit's card is sent once and stands at each of its points.
  function withCards(trace, cards) {
    if (!trace.customdata) return trace;
    return { ...trace, hovertext: trace.customdata.map((point) => cards[point.card ?? point.timepoint] ?? "") };
  }

  // On a narrow screen the words beside the lines would leave no room for them.
  function fitted(layout, width) {
    const wide = width >= 560;
    const annotations = (layout.annotations ?? []).filter((note) => wide || note.name !== "roomy");
    const margin = wide ? layout.margin : { ...layout.margin, l: 80, r: 16 };
    const xaxis = { ...layout.xaxis, nticks: Math.max(3, Math.round(width / 110)) };
    const dragmode = window.matchMedia("(pointer: coarse)").matches ? false : layout.dragmode;
    return { ...layout, annotations, margin, xaxis, dragmode, width };
  }

  function draw(figure, palette = theme(), width = figure.clientWidth) {
    const { figure: { data, layout }, cards, themes } = figure.drawing;
    const traces = coloured(data.map((trace) => withCards(trace, cards)), themes[palette]);
    figure.style.height = `${layout.height}px`;
    return window.Plotly.react(figure, traces, fitted(coloured(layout, themes[palette]), width), CONFIG);
  }

  // The figure follows its own width, not the window's: a drawer that opens beside it makes it narrower.
  const widths = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) {
      const width = Math.round(contentRect.width);
      if (target.drawing && width && width !== Math.round(target._fullLayout?.width ?? 0) && !printing) draw(target);
    }
  });

  function address(figure, point) {
    if (point.href) return point.href;
    const { lesionDrawer, visitDrawer } = figure.dataset;
    if (point.lesion && point.segmentation && lesionDrawer) {
      return `${lesionDrawer.replace(NO_LESION, point.lesion)}?outline=${encodeURIComponent(point.segmentation)}`;
    }
    return visitDrawer && point.timepoint ? visitDrawer.replace(/\/0(?=\/?$)/, `/${point.timepoint}`) : undefined;
  }

  function tell(figure, point) {
    if (!point) return;
    const detail = { ...point, drawer: address(figure, point) };
    figure.dispatchEvent(new CustomEvent("deltarad:point", { bubbles: true, detail }));
  }

  async function open(script) {
    const figure = script.previousElementSibling;
    if (!figure?.classList.contains("figure") || figure.dataset.drawn) return;
    figure.dataset.drawn = "";
    const drawing = JSON.parse(script.textContent);
    figure.setAttribute("role", "figure");
    figure.setAttribute("aria-label", drawing.label);
    await plotly();
    if (!figure.isConnected) return;
    figure.drawing = drawing;
    await draw(figure);
    widths.observe(figure);
    figure.on("plotly_click", (event) => tell(figure, event.points[0]?.customdata));
  }

  const openAll = () => document.querySelectorAll("script.figure-data").forEach(open);
  const redrawAll = () => drawn().forEach((figure) => draw(figure));

  document.addEventListener("htmx:after:swap", openAll);
  document.addEventListener("deltarad:theme", redrawAll);
  dark.addEventListener("change", redrawAll);
  new MutationObserver(redrawAll).observe(root, { attributes: true, attributeFilter: ["data-theme"] });

  window.addEventListener("beforeprint", () => {
    printing = true;
    drawn().forEach((figure) => draw(figure, "print", PRINT_WIDTH));
  });
  window.addEventListener("afterprint", () => {
    printing = false;
    redrawAll();
  });

  openAll();
})();
