// The keyboard of every page: ? help, / search, j k Enter in lists; and words for requests that failed.
(() => {
  "use strict";

  const writing = (target) => target.closest("input, select, textarea, [contenteditable]");
  const rows = () => [...document.querySelectorAll("[data-rows] tr[data-href]")];

  function select(row) {
    for (const other of rows()) other.removeAttribute("aria-selected");
    row.setAttribute("aria-selected", "true");
    row.querySelector("a").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
    select(all[Math.min(all.length - 1, Math.max(0, at + by))]);
  }

  const acts = {
    "?": () => document.getElementById("keys")?.showModal(),
    "/": () => document.querySelector("input[type=search]")?.focus(),
    j: () => step(1),
    k: () => step(-1),
    Escape: () => closeDrawer(),
  };

  function closeDrawer() {
    const drawer = document.querySelector(".drawer:not([hidden])");
    if (!drawer) return;
    drawer.hidden = true;
    drawer.replaceChildren();
    window.dispatchEvent(new Event("resize"));
    document.dispatchEvent(new CustomEvent("deltarad:drawer-closed"));
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (writing(event.target)) {
      if (event.key === "Escape") {
        // Leave the field, but keep what was typed: the list below is still the answer to it.
        event.preventDefault();
        event.target.blur();
      }
      // From the search field straight into its list.
      if (event.key === "Enter" && event.target.closest("[data-search-rows]")) {
        event.preventDefault();
        rows()[0]?.querySelector("a").click();
      }
      return;
    }
    const act = acts[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-open]")) acts["?"]();
    if (event.target.closest("[data-drawer-close]")) closeDrawer();
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input, label")) row.querySelector("a").click();
  });

  // ---- htmx: an error page is never put into the middle of another page
  const notice = (words) => {
    const box = document.getElementById("notice");
    box.textContent = words;
    box.hidden = false;
    window.setTimeout(() => (box.hidden = true), 8000);
  };
  document.addEventListener("htmx:before:swap", (event) => {
    const status = event.detail.ctx?.response?.status ?? 200;
    if (status < 400 || status === 422) return;
    event.preventDefault();
    notice(status >= 500 ? "The server could not answer. Try again in a moment." : "That is no longer possible. Load the page again.");
  });
  document.addEventListener("htmx:error", () => notice("No answer from the server. Is it running, and are you connected?"));
})();
