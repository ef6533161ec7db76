// The board: charts are loaded one after the other as they come into view, at most two at once; they are
// arranged without loading the page anew; the board becomes a file with the pictures that ECharts draws.
// Without this file the board is arranged by its forms, and the file holds words and numbers only.
"use strict";
(() => {
  const board = document.querySelector("[data-board]");
  if (!board) return;
  const AT_ONCE = 2;
  const PICTURE_MOST = 900_000; // characters: a larger one fits into no file
  const ALL_MOST = 6_000_000;
  const widths = { third: 420, half: 640, "two-thirds": 860, full: 1280 };
  const status = document.querySelector("[data-board-status]");
  const waiting = [];
  const loads = new Map(); // part of a tile -> promise that ends when its picture stands
  let running = 0;

  const say = (text) => {
    status.textContent = text;
  };
  const tiles = () => [...board.querySelectorAll("[data-tile]")];
  const nameOf = (tile) => tile.querySelector("h3").textContent;

  function load(part) {
    if (!loads.has(part)) loads.set(part, new Promise((done) => waiting.push({ part, done })));
    next();
    return loads.get(part);
  }

  async function next() {
    if (running >= AT_ONCE || !waiting.length) return;
    const { part, done } = waiting.shift();
    running += 1;
    try {
      await fill(part);
    } catch (error) {
      fail(part, error.sentence ?? "This chart could not be loaded. Check the connection.");
      console.warn(error);
    }
    running -= 1;
    done();
    next();
  }

  async function fill(part) {
    const answer = await fetch(part.dataset.load, { headers: { "HX-Request": "true", Accept: "text/html" }, credentials: "same-origin" });
    const text = await answer.text();
    if (answer.redirected) throw Object.assign(new Error("login"), { sentence: "Your login has ended. Load this page again." });
    if (!answer.ok && answer.status !== 422) throw Object.assign(new Error(`chart: ${answer.status}`), { sentence: answer.status === 503 ? "Too much is being drawn at the moment." : undefined });
    part.innerHTML = text;
    const picture = part.querySelector("[data-figure]");
    if (picture) await beanftCharts.draw(picture);
  }

  function fail(part, sentence) {
    const again = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-default btn-sm", textContent: "Try again" });
    again.addEventListener("click", () => {
      loads.delete(part);
      load(part);
    });
    part.replaceChildren(Object.assign(document.createElement("p"), { textContent: sentence }), again);
  }

  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      load(target);
    }
  }, { rootMargin: "300px" });

  // What a button of a form asks for, sent without loading the page anew; where that fails, the form is sent.
  async function send(form, values) {
    const body = new FormData(form);
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(`arrange: ${answer.status}`);
  }

  // One change after the other, so that the page and the server agree after two quick clicks.
  let last = Promise.resolve();
  function arrange(form, values, change, words) {
    last = last.then(async () => {
      try {
        await send(form, values);
        change();
        say(words());
      } catch (error) {
        console.warn(error);
        say("The board could not be changed. Load this page again.");
      }
    });
    return last;
  }

  const ranked = (tile) => `${nameOf(tile)} is now number ${tiles().indexOf(tile) + 1} of ${tiles().length}.`;

  function step(form, tile, move, button) {
    const neighbour = () => (move === "earlier" ? tile.previousElementSibling : tile.nextElementSibling);
    if (!neighbour()) return say(`${nameOf(tile)} is the ${move === "earlier" ? "first" : "last"} chart already.`);
    const change = () => {
      if (move === "earlier") neighbour()?.before(tile);
      else neighbour()?.after(tile);
      button.focus();
    };
    return arrange(form, { move }, change, () => ranked(tile));
  }

  function size(form, tile) {
    const [width, height] = [form.elements.width.value, form.elements.height.value];
    const change = () => {
      tile.className = `card tile tile-${width} tile-${height}`;
    };
    const chosen = (field) => field.selectedOptions[0].textContent.toLowerCase();
    return arrange(form, { move: "size" }, change, () => `${nameOf(tile)}: width ${chosen(form.elements.width)}, height ${chosen(form.elements.height)}.`);
  }

  board.addEventListener("submit", (event) => {
    const move = event.submitter?.value;
    const tile = event.target.closest("[data-tile]");
    if (!["earlier", "later"].includes(move)) return;
    event.preventDefault();
    step(event.target, tile, move, event.submitter);
  });
  board.addEventListener("change", (event) => {
    const form = event.target.closest("[data-arrange]");
    if (form && event.target.matches("select")) size(form, form.closest("[data-tile]"));
  });

  // Dragging by the head of a tile is on top of the buttons.
  let dragged = null;
  for (const tile of tiles()) {
    const head = tile.querySelector(".card-header");
    head.draggable = true;
    head.addEventListener("dragstart", (event) => {
      dragged = tile;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", nameOf(tile));
    });
    head.addEventListener("dragend", () => {
      dragged = null;
      for (const one of tiles()) one.classList.remove("is-over");
    });
    tile.addEventListener("dragover", (event) => {
      if (!dragged || dragged === tile) return;
      event.preventDefault();
      tile.classList.add("is-over");
    });
    tile.addEventListener("dragleave", () => tile.classList.remove("is-over"));
    tile.addEventListener("drop", (event) => {
      if (!dragged || dragged === tile) return;
      event.preventDefault();
      tile.classList.remove("is-over");
      const [moved, place] = [dragged, tiles().indexOf(tile)];
      const change = () => (tiles().indexOf(moved) < place ? tile.after(moved) : tile.before(moved));
      arrange(moved.querySelector("[data-arrange]"), { move: "to", place }, change, () => ranked(moved));
    });
  }

  // The file: every chart is drawn first, also those that were not scrolled to.
  async function pictures(body) {
    const parts = [...board.querySelectorAll("[data-load]")];
    let [done, characters] = [0, 0];
    await Promise.all(parts.map((part) => load(part).then(() => say(`Drawing charts: ${(done += 1)} of ${parts.length}.`))));
    for (const tile of tiles()) {
      const picture = tile.querySelector("[data-figure]");
      if (!picture) continue;
      const width = Object.keys(widths).find((one) => tile.classList.contains(`tile-${one}`));
      let text = beanftCharts.svg(picture, widths[width] ?? 640);
      if (text.length > PICTURE_MOST || characters + text.length > ALL_MOST) text = "";
      characters += text.length;
      body.append(`picture-${tile.dataset.tile}`, new Blob([text], { type: "image/svg+xml" }), "chart.svg");
    }
  }

  // Names beyond ASCII come encoded in filename*, plain ones as they are, with quotes escaped.
  function fileName(header) {
    const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header);
    if (encoded) return decodeURIComponent(encoded[1]);
    const plain = /filename="((?:[^"\\]|\\.)*)"/.exec(header) ?? /filename=([^;]+)/.exec(header);
    return plain?.[1].replace(/\\(.)/g, "$1") ?? "board.html";
  }

  async function makeFile(form) {
    const body = new FormData(form);
    body.set("theme", document.documentElement.dataset.bsTheme);
    await pictures(body);
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok) throw Object.assign(new Error(`file: ${answer.status}`), { sentence: (await answer.json()).detail });
    const name = fileName(answer.headers.get("Content-Disposition") ?? "");
    const href = URL.createObjectURL(await answer.blob());
    Object.assign(document.createElement("a"), { href, download: name }).click();
    URL.revokeObjectURL(href);
  }

  document.querySelector("[data-board-file]")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button");
    button.disabled = true;
    try {
      await makeFile(event.target);
      say("The file is downloaded.");
    } catch (error) {
      say(error.sentence ?? "The file could not be made. Check the connection and try again.");
      console.warn(error);
    }
    button.disabled = false;
  });

  document.addEventListener("DOMContentLoaded", () => {
    for (const part of board.querySelectorAll("[data-load]")) {
      part.querySelector("[data-wait]").hidden = false;
      seen.observe(part);
    }
  });
})();
