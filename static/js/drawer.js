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

  document.addEventListener("deltarad:drawer-closed", () => opener?.isConnected && opener.focus());
})();
