// The form of a visit by keyboard: Ctrl+Enter signs, Alt+J goes to the judgements, Alt+P shows the last assessment; sent once.
(() => {
  "use strict";

  const form = document.querySelector("[data-assessment]");
  if (!form) return;

  const acts = {
    KeyJ: () => {
      const group = form.querySelector("[data-first-judgement]");
      (group.querySelector(":checked") ?? group.querySelector("input")).focus();
      group.scrollIntoView({ block: "center" });
    },
    KeyP: () => {
      const prior = form.querySelector("[data-prior]");
      if (!prior) return;
      prior.open = !prior.open;
      prior.scrollIntoView({ block: "nearest" });
    },
  };

  form.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-sign]"));
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || !acts[event.code]) return;
    event.preventDefault();
    acts[event.code]();
  });

  // A second press while the first is on its way would only be told that it is done.
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);

  // Where something is refused, begin there; else at the first lesion.
  const wrong = form.querySelector('[aria-invalid="true"], [data-wrong] input');
  const first = wrong ?? form.querySelector(".lesion select") ?? form.querySelector("[data-first-judgement] input");
  if (!location.hash) first?.focus({ preventScroll: !wrong });
})();
