// Sends dropped folders, archives and files, one request a file, into one upload; what already arrived is not sent again.
(() => {
  "use strict";

  const PARALLEL = 3;
  const TRIES = 3;
  // A digest needs the whole file in memory; beyond this the server's own digest must do.
  const DIGEST_BYTES = 512 * 1024 * 1024;
  const SPOILT_ON_THE_WAY = new Set(["E_CHECKSUM", "E_BROKEN_OFF", "E_TOO_SLOW"]);
  const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];
  const pause = (seconds) => new Promise((done) => window.setTimeout(done, seconds * 1000));

  const size = (bytes) => (bytes >= 2 ** 30 ? `${+(bytes / 2 ** 30).toPrecision(3)} GB` : `${+(bytes / 2 ** 20).toPrecision(3)} MB`);

  // As much of a name as the server keeps: whole letters, and none that are only half of one.
  const ending = (name) => [...name].slice(-255).join("").replace(/\p{Surrogate}/gu, "\ufffd");

  class Refused extends Error {}

  async function ask(address, options = {}) {
    const headers = { "X-CSRFToken": token(), Accept: "application/json", ...options.headers };
    const response = await fetch(address, { credentials: "same-origin", ...options, headers });
    const body = await response.json().catch(() => ({}));
    if (response.ok) return body;
    const words = body.sentence || `The server answered ${response.status}.`;
    const isPassing = response.status >= 500 || response.status === 429 || SPOILT_ON_THE_WAY.has(body.code);
    throw isPassing ? new Error(words) : new Refused(words);
  }

  // ---- what was dropped
  async function filesOf(transfer) {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    if (!entries.length) return [...transfer.files].map((file) => ({ file, name: file.name }));
    return (await Promise.all(entries.map((entry) => walk(entry, "")))).flat();
  }

  async function walk(entry, above) {
    const name = `${above}${entry.name}`;
    if (entry.isFile) return [{ file: await new Promise((done, fail) => entry.file(done, fail)), name }];
    const reader = entry.createReader();
    const found = [];
    // One call hands out at most a hundred entries.
    for (;;) {
      const some = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!some.length) break;
      found.push(...some);
    }
    return (await Promise.all(found.map((inner) => walk(inner, `${name}/`)))).flat();
  }

  async function digestOf(file) {
    if (!crypto.subtle || file.size > DIGEST_BYTES) return "";
    const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // Not crypto.randomUUID: it is missing where the page came over plain HTTP.
  function uuid() {
    const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  // ---- one upload
  class Sending {
    constructor(zone, files) {
      this.zone = zone;
      this.files = files;
      this.left = files;
      this.address = zone.dataset.continue || "";
      this.sent = 0;
      this.bytes = 0;
      this.total = files.reduce((sum, { file }) => sum + file.size, 0);
      this.problems = [];
      this.refused = 0;
      // Of this upload, whatever becomes of the first answer.
      this.key = uuid();
    }

    async run() {
      if (!this.address) {
        const form = new FormData();
        if (this.zone.dataset.patient) form.set("patient", this.zone.dataset.patient);
        if (this.zone.dataset.team) form.set("team", this.zone.querySelector("[name=team]")?.value || this.zone.dataset.team);
        // The same key with every try: an answer that was lost on its way is given again, not a second upload.
        const headers = { "X-Idempotency-Key": this.key };
        this.address = (await ask(this.zone.dataset.open, { method: "POST", body: new URLSearchParams(form), headers })).files;
      }
      const { received, complete, page } = await ask(this.address);
      this.known = new Set(received.map(([name, digest]) => `${digest} ${name}`));
      const queue = [...this.left];
      this.left = [];
      await Promise.all(Array.from({ length: PARALLEL }, () => this.drain(queue)));
      if (this.left.length) return this.showRest();
      if (this.sent === 0) return this.showNothing();
      const finish = async () => {
        await ask(complete, { method: "POST" });
        window.location.assign(page);
      };
      // A scan that lacks a slice must not be read before somebody knows that it does.
      if (this.refused) return this.showRefused(finish);
      await finish();
    }

    async drain(queue) {
      for (let item = queue.shift(); item; item = queue.shift()) {
        try {
          await this.send(item);
          this.sent += 1;
        } catch (problem) {
          if (problem instanceof Refused) this.refused += 1;
          else this.left.push(item);
          this.problems.push(`${item.name}: ${problem.message}`);
        }
        this.bytes += item.file.size;
        this.show();
      }
    }

    async send({ file, name }) {
      const most = Number(this.zone.dataset.maxBytes);
      if (file.size > most) throw new Refused(`This file is larger than ${size(most)}. Send the scan as several smaller files.`);
      const digest = await digestOf(file);
      const shown = ending(name);
      if (digest && this.known.has(`${digest} ${shown}`)) return;
      // Not in the address, which is written into logs: a file's name may hold a patient's.
      const headers = {
        "Content-Type": "application/octet-stream",
        "X-Content-SHA256": digest,
        "X-File-Name": encodeURIComponent(shown),
      };
      for (let attempt = 1; ; attempt += 1) {
        try {
          await ask(this.address, { method: "PUT", body: file, headers });
          return;
        } catch (problem) {
          if (problem instanceof Refused || attempt === TRIES) throw problem;
          await pause(2 ** attempt);
        }
      }
    }

    // ---- what the reader sees
    show() {
      const { bar, words, list } = parts(this.zone);
      bar.max = this.total || 1;
      bar.value = this.bytes;
      const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
      words.textContent = `${this.sent} of ${this.files.length} files, ${megabytes(this.bytes)} of ${megabytes(this.total)} MB`;
      list.replaceChildren(...this.problems.slice(0, 8).map((line) => Object.assign(document.createElement("li"), { textContent: line })));
    }

    showRest() {
      const { words, again } = parts(this.zone);
      words.textContent = `${this.left.length} of ${this.files.length} files did not arrive. What did arrive is kept.`;
      again.textContent = "Send the rest again";
      again.hidden = false;
      again.onclick = () => {
        again.hidden = true;
        this.problems = [];
        this.bytes = this.total - this.left.reduce((sum, { file }) => sum + file.size, 0);
        start(this.zone, this);
      };
    }

    showRefused(finish) {
      const { words, again } = parts(this.zone);
      words.textContent = `${this.refused} of ${this.files.length} files were not taken. Nothing is read before you decide.`;
      again.textContent = "Go on without them";
      again.hidden = false;
      again.onclick = () => {
        again.hidden = true;
        finish().catch((problem) => (words.textContent = problem.message));
      };
    }

    showNothing() {
      parts(this.zone).words.textContent = "None of the files was taken.";
    }
  }

  const parts = (zone) => ({
    bar: zone.querySelector("progress"),
    words: zone.querySelector("[data-words]"),
    list: zone.querySelector("[data-problems]"),
    again: zone.querySelector("[data-again]"),
  });

  let underWay = false;

  async function start(zone, sending) {
    if (underWay || !sending.files.length) return;
    underWay = true;
    zone.querySelector(".sending").hidden = false;
    sending.show();
    try {
      await sending.run();
    } catch (problem) {
      parts(zone).words.textContent = problem.message;
    } finally {
      underWay = false;
    }
  }

  window.addEventListener("beforeunload", (event) => {
    if (underWay) event.preventDefault();
  });

  // ---- the zone
  function begin(zone, files) {
    // Desktop litter, and folders that hold nothing.
    const wanted = files.filter(({ file, name }) => file.size > 0 && !/(^|\/)(\.DS_Store|Thumbs\.db|__MACOSX\/.*|\._[^/]*)$/.test(name));
    start(zone, new Sending(zone, wanted));
  }

  const zoneOf = (event) => event.target.closest?.("[data-drop]");

  document.addEventListener("dragover", (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    const zone = zoneOf(event);
    if (zone && !zone.contains(event.relatedTarget)) zone.classList.remove("over");
  });
  document.addEventListener("drop", async (event) => {
    const zone = zoneOf(event);
    if (!zone) return;
    event.preventDefault();
    zone.classList.remove("over");
    begin(zone, await filesOf(event.dataTransfer));
  });
  document.addEventListener("change", (event) => {
    const zone = zoneOf(event);
    if (!zone || event.target.type !== "file") return;
    begin(zone, [...event.target.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-pick]");
    if (opener) document.getElementById(opener.dataset.pick).click();
    const resume = event.target.closest("[data-resume]");
    if (resume) {
      const zone = document.querySelector("[data-drop]");
      zone.dataset.continue = resume.dataset.resume;
      zone.querySelector("[data-title]").textContent = "Drop the same files again: only what is missing is sent";
      zone.scrollIntoView({ block: "center" });
      zone.querySelector("button").focus();
    }
  });
})();
