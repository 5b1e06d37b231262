// Sends one model's file as the body of a request and says at once what the server refuses; the list tells the rest.
(() => {
  "use strict";

  const zone = document.querySelector("[data-model-send]");
  if (!zone) return;
  const input = zone.querySelector("input[type=file]");
  const words = zone.querySelector("[data-words]");
  const refusal = zone.querySelector("[data-refusal]");
  const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];

  const refuse = (sentence) => {
    words.textContent = "";
    refusal.textContent = sentence;
    refusal.hidden = false;
  };

  zone.querySelector("[data-pick-model]").addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    const file = input.files[0];
    input.value = "";
    if (!file) return;
    refusal.hidden = true;
    if (file.size > Number(zone.dataset.maxBytes)) {
      refuse(`A model has at most ${Number(zone.dataset.maxBytes) / 1000} kB. This file has ${Math.round(file.size / 1000)} kB.`);
      return;
    }
    words.textContent = `Sending ${file.name}`;
    const headers = {
      "X-CSRFToken": token(),
      "Content-Type": "application/octet-stream",
      "X-File-Name": encodeURIComponent(file.name),
      Accept: "application/json",
    };
    try {
      const answer = await fetch(zone.dataset.modelSend, { method: "POST", body: file, headers, credentials: "same-origin" });
      const said = await answer.json().catch(() => ({}));
      if (answer.ok) window.location.assign(said.page);
      else refuse(said.sentence || `The server answered ${answer.status}.`);
    } catch {
      refuse("The server cannot be reached. Send the file again.");
    }
  });
})();
