// Sends a file in slices that resume: after a lost connection by itself, after a reload when the same
// file is chosen again. Without this file the form sends the whole file at once.
"use strict";
(() => {
  const form = document.getElementById("upload");
  if (!form) return;
  const sliceBytes = Number(form.dataset.sliceBytes);
  const maxBytes = Number(form.dataset.maxBytes);
  const chooser = form.querySelector("input[type=file]");
  const title = form.querySelector("input[name=name]"); // none on the page of a new version
  const check = form.querySelector("input[name=check]");
  const dataset = Number(form.dataset.dataset) || null;
  const finish = form.dataset.finish; // where a file that came whole goes instead of becoming a dataset
  const extras = () => ({
    ...Object.fromEntries(["sheet", "level"].map((name) => [name, form.elements.namedItem(name)?.value ?? ""])),
    unreadable_as_missing: form.elements.namedItem("unreadable_as_missing")?.checked ?? false,
  });
  const token = form.querySelector("input[name=csrf_token]")?.value ?? "";
  const button = form.querySelector("button[type=submit]");
  const zone = form.querySelector("[data-drop]");
  const panel = form.querySelector("[data-progress]");
  const bar = panel.querySelector("progress");
  const text = form.querySelector("[data-progress-text]");
  const errors = document.getElementById("upload-error");
  const unfinished = form.querySelector("[data-unfinished]");
  const remembered = `beanft:uploads:${form.dataset.user}`;
  const longestPauseS = 30;
  const attempts = 10;
  let current = null; // the upload under way: { file, place, request, cancelled }
  let continued = null; // the upload of the list that its owner wants to go on with: { name, size, place }

  class Failure extends Error {} // its message is a sentence for the user
  class Lost extends Error {} // the connection; trying again may help

  // What is remembered of uploads under way, by file; only in this browser.
  const identity = (file) => JSON.stringify([file.name, file.size, file.lastModified, dataset]);
  function memory() {
    try {
      return JSON.parse(localStorage.getItem(remembered)) ?? {};
    } catch {
      return {}; // storage is forbidden or spoilt: uploads then start anew after a reload
    }
  }
  function remember(file, place) {
    const all = memory();
    if (place) all[identity(file)] = place;
    else delete all[identity(file)];
    try {
      localStorage.setItem(remembered, JSON.stringify(all));
    } catch {
      // the upload works without it
    }
  }

  // One request; XMLHttpRequest, because fetch tells nothing about the bytes that were sent.
  function ask(method, url, { body = null, headers = {}, sent = () => {} } = {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(method, url);
      request.setRequestHeader("X-CSRFToken", token);
      request.setRequestHeader("Accept", "application/json");
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => sent(event.loaded);
      request.onload = () => {
        const path = (address) => new URL(address, location.href).pathname;
        request.redirected = path(request.responseURL) !== path(url); // to the login page
        resolve(request);
      };
      request.onerror = request.ontimeout = () => reject(new Lost());
      request.onabort = () => reject(new Failure(""));
      if (current) current.request = request;
      request.send(body);
    });
  }
  function answer(request) {
    try {
      return JSON.parse(request.responseText);
    } catch {
      return {};
    }
  }
  function refusal(request) {
    if (request.status === 401 || request.redirected) return new Failure("You are logged out. Log in again, then choose the same file: the upload goes on where it stopped.");
    if (request.status >= 500 && request.status !== 507) return new Lost();
    const said = answer(request);
    return new Failure(said.detail ?? `The server refused the upload (${request.status}). Load this page again and try once more.`);
  }
  async function askJson(method, url, values) {
    const request = await ask(method, url, { body: JSON.stringify(values), headers: { "Content-Type": "application/json" } });
    if (request.status !== 201) throw refusal(request);
    return answer(request);
  }

  async function standsAt(place) {
    const request = await ask("HEAD", place.url);
    const offset = request.getResponseHeader("Upload-Offset");
    if (request.status === 200 && offset !== null) return Number(offset);
    if (request.status === 404) return null;
    throw refusal(request);
  }
  async function sendSlice(upload, offset, show) {
    const slice = upload.file.slice(offset, offset + sliceBytes);
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) };
    const request = await ask("PATCH", upload.place.url, { body: slice, headers, sent: (bytes) => show(offset + Math.min(bytes, slice.size)) });
    const stands = request.getResponseHeader("Upload-Offset");
    // 409: the server stands elsewhere, or is still busy with a slice whose connection broke.
    if (request.status === 409 && Number(stands) === offset) throw new Lost();
    if ((request.status === 204 || request.status === 409) && stands !== null) return Number(stands);
    throw refusal(request);
  }

  // Tries again with growing pauses while the connection is lost.
  async function patiently(upload, step) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await step(attempt);
      } catch (error) {
        if (!(error instanceof Lost) || upload.cancelled) throw error;
        if (attempt === attempts) throw new Failure("The connection is lost. Press Upload to go on where it stopped.");
        const pauseS = Math.min(longestPauseS, 2 ** (attempt - 1));
        text.textContent = `Connection lost. Trying again in ${pauseS} s.`;
        await new Promise((resolve) => setTimeout(resolve, 1000 * pauseS));
        if (upload.cancelled) throw new Failure("");
      }
    }
  }

  async function place(upload) {
    const known = continued?.place ?? memory()[identity(upload.file)];
    continued = null;
    const offset = known ? await patiently(upload, () => standsAt(known)) : null;
    if (offset !== null) {
      upload.place = known;
      return offset;
    }
    upload.place = await patiently(upload, () => askJson("POST", form.dataset.start, { name: upload.file.name, size: upload.file.size, dataset }));
    remember(upload.file, upload.place);
    return 0;
  }

  async function send(upload) {
    let offset = await place(upload);
    const show = speedometer(offset, upload.file.size);
    show(offset);
    while (offset < upload.file.size) {
      offset = await patiently(upload, async (attempt) => {
        // After a break the server knows best how much arrived.
        const from = attempt === 1 ? offset : await standsAt(upload.place);
        if (from === null) throw new Failure("The server no longer has this upload. Press Upload to start again.");
        return from >= upload.file.size ? from : sendSlice(upload, from, show);
      });
      if (upload.cancelled) throw new Failure("");
    }
    text.textContent = !finish && (check?.checked ?? true) ? "All bytes have arrived. Looking at the first rows…" : "All bytes have arrived. Saving…";
    const kept = await patiently(upload, () => askJson("POST", upload.place.finish_url, { name: title?.value ?? "", check: check?.checked ?? true }));
    return finish ? patiently(upload, () => askJson("POST", finish.replace("KEY", upload.place.url.split("/").pop()), extras())) : kept;
  }

  function speedometer(startOffset, size) {
    const started = performance.now();
    return (offset) => {
      const seconds = (performance.now() - started) / 1000;
      const speed = (offset - startOffset) / Math.max(seconds, 0.001);
      bar.value = offset / size;
      const parts = [`${Math.floor((100 * offset) / size)} %`];
      if (seconds > 0.5 && speed > 0) {
        parts.push(`${(speed / 1e6).toFixed(1)} MB/s`, `${Math.ceil((size - offset) / speed)} s left`);
      }
      text.textContent = parts.join(" · ");
    };
  }

  function say(sentence) {
    errors.replaceChildren();
    if (!sentence) return;
    const flash = document.createElement("div");
    flash.className = "flash flash-error";
    flash.setAttribute("role", "alert");
    flash.textContent = sentence;
    errors.append(flash);
  }
  function working(yes) {
    panel.hidden = !yes;
    button.hidden = yes;
    chooser.disabled = yes;
    bar.value = 0;
    text.textContent = "";
  }
  function problem(file) {
    if (!file) return "Choose a file with a table.";
    if (file.size === 0) return "The file is empty. Choose a table with a header and at least one row.";
    if (continued && (file.name !== continued.name || file.size !== continued.size)) return `This is another file. To go on, choose the very same file “${continued.name}”, or load this page again to start anew.`;
    if (file.size > maxBytes) return `The file is larger than the ${(maxBytes / 2 ** 20).toLocaleString()} MiB that this site takes.`;
    return "";
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = chooser.files[0];
    say(problem(file));
    if (current || problem(file)) return;
    const upload = (current = { file, place: null, request: null, cancelled: false });
    unfinished.hidden = true;
    working(true);
    try {
      const made = await send(upload);
      remember(file, null);
      current = null;
      location.assign(made.url);
    } catch (error) {
      current = null;
      working(false);
      if (!(error instanceof Failure)) throw error;
      if (!upload.cancelled) say(error.message);
    }
  });

  panel.querySelector("[data-cancel]").addEventListener("click", async () => {
    const upload = current;
    if (!upload) return;
    upload.cancelled = true;
    upload.request?.abort();
    remember(upload.file, null);
    working(false);
    try {
      if (upload.place) await ask("DELETE", upload.place.url);
    } catch (error) {
      if (!(error instanceof Lost)) throw error; // unreachable: the server drops it after three days
    }
  });

  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (current || !event.dataTransfer.files.length) return;
    chooser.files = event.dataTransfer.files;
    chooser.dispatchEvent(new Event("change", { bubbles: true }));
    button.focus();
  });
  chooser.addEventListener("change", () => {
    const file = chooser.files[0];
    say(file ? problem(file) : "");
    if (title) title.placeholder = file ? file.name.replace(/\.[^.]*$/, "") : "";
  });
  for (const one of document.querySelectorAll("[data-continue]")) {
    one.hidden = false;
    one.addEventListener("click", () => {
      if (current) return;
      const { name, size, url, finish } = one.dataset;
      continued = { name, size: Number(size), place: { url, finish_url: finish } };
      unfinished.textContent = `Choose “${name}” again: the upload goes on where it stopped.`;
      unfinished.hidden = false;
      chooser.click();
      chooser.focus();
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (current) event.preventDefault();
  });

  const last = Object.keys(memory()).findLast((one) => JSON.parse(one)[3] === dataset);
  if (last) {
    const [name] = JSON.parse(last);
    unfinished.textContent = `The upload of “${name}” is not finished. Choose the same file to go on where it stopped.`;
    unfinished.hidden = false;
  }
})();
