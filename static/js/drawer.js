// A point of a chart opens the drawer with its pictures; the chart stays in view.
(() => {
  "use strict";

  let opener = null;

  document.addEventListener("deltarad:point", async (event) => {
    const drawer = document.getElementById("drawer");
    const address = event.detail?.drawer;
    if (!drawer || !address) return;
    opener = document.activeElement;
    const wasHidden = drawer.hidden;
    drawer.hidden = false;
    await window.htmx.ajax("GET", address, { target: "#drawer", swap: "innerHTML" });
    if (wasHidden) window.dispatchEvent(new Event("resize"));
    drawer.querySelector("h2")?.focus();
  });

  // The same drawer from the lesion table, whose links work without a script too.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-opens-drawer]");
    const drawer = document.getElementById("drawer");
    if (!link || !drawer) return;
    opener = link;
    drawer.hidden = false;
    drawer.scrollIntoView({ block: "nearest" });
  });

  document.addEventListener("deltarad:drawer-closed", () => opener?.isConnected && opener.focus());
})();
