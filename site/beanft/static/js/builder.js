// The chart builder: the form fits the kind and the measure, what was unfolded stays so, a range is selected
// on the picture. Loaded after chart.js and copy.js. Without this file the form works by its button.
"use strict";
(() => {
  const page = () => document.getElementById("charts");
  const form = () => document.getElementById("chart-form");
  let open = []; // ids of what was unfolded before a swap

  function begin() {
    const [measured, aggregation] = [form().querySelector("[data-measured]"), form().elements.aggregation];
    if (measured && aggregation) {
      measured.hidden = aggregation.value === "count"; // rows are counted, nothing is measured
      measured.querySelector("select, input").disabled = measured.hidden;
    }
    const find = form().querySelector("[data-find-column]");
    if (find) find.hidden = false;
  }

  // The sentence of the kind under the pointer or the keyboard, else of the chosen one.
  function say(tile) {
    const shown = tile ?? form().querySelector(".kind-tile:has(:checked)");
    form().querySelector("[data-kind-says]").textContent = document.getElementById(`says-${shown.querySelector("input").value}`).textContent;
  }

  function find(text) {
    const wanted = text.trim().toLowerCase();
    for (const one of form().querySelectorAll(".columns-box label")) one.hidden = !one.textContent.toLowerCase().includes(wanted);
  }

  document.addEventListener("change", (event) => {
    if ("findColumn" in event.target.dataset) event.stopImmediatePropagation(); // it asks for no chart
    else if (event.target.name === "aggregation") begin();
  }, true);
  document.addEventListener("input", (event) => {
    if ("findColumn" in event.target.dataset) find(event.target.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && "findColumn" in event.target.dataset) event.preventDefault();
  });
  document.addEventListener("pointerover", (event) => {
    if (event.target.closest(".kinds")) say(event.target.closest(".kind-tile"));
  });
  document.addEventListener("pointerout", (event) => {
    if (event.target.closest(".kinds")) say();
  });

  document.addEventListener("htmx:before:request", () => {
    open = [...page().querySelectorAll("details[open]")].map((one) => one.id);
    document.getElementById("chart-result").setAttribute("aria-busy", "true");
  });
  document.addEventListener("htmx:after:swap", () => {
    if (!page()) return;
    for (const id of open) {
      const details = document.getElementById(id);
      if (details) details.open = true;
    }
    document.getElementById("chart-result").removeAttribute("aria-busy");
    const here = new URL(page().dataset.here, location.href);
    if (here.href !== location.href) history.replaceState(history.state, "", here);
    begin();
    const suggested = document.getElementById("suggested");
    if (suggested) suggested.open = false; // a chart was asked for: it is not to stand below the suggestions
    keepFocus();
    const title = document.getElementById("chart-title")?.textContent ?? page().querySelector("[role=alert], .empty h2")?.textContent;
    window.beanftCopy.announce(title ? `Drawn: ${title}` : "");
  });

  // Where the part that had the focus is gone (a chip), the keyboard goes on at what unfolds the filters.
  function keepFocus() {
    const active = document.activeElement;
    if (active && active !== document.body && active.checkVisibility()) return;
    document.querySelector("#add-filter > summary").focus({ preventScroll: true });
  }

  // --- A range on the picture ---
  const picture = () => document.getElementById("picture");
  const bar = () => document.getElementById("range-bar");
  let figure = null; // { chart, option, links } of the picture
  let panel = 0; // the part of it that the range is on
  let drag = null;

  const list = (part) => (part === undefined ? [] : [part].flat());
  const axis = (place) => list(figure.option[place ? "yAxis" : "xAxis"])[panel] ?? {};
  // The columns of which a range can be chosen; places on an axis of categories have none.
  const columns = () => (figure.links.axes[panel] ?? []).map((name, place) => (axis(place).type === "category" ? "" : name));

  document.addEventListener("beanft:drawn", (event) => {
    if (event.target !== picture()) return;
    [figure, drag] = [event.detail, null];
    panel = Math.max(0, figure.links.axes.findIndex((names) => names.some(Boolean)));
    document.getElementById("select-range").hidden = !columns().some(Boolean);
    const leads = figure.links.series.some(Boolean);
    for (const hint of document.querySelectorAll("[data-marks-hint]")) hint.hidden = !leads;
    close();
  });
  document.addEventListener("beanft:touched", ({ detail }) => {
    const words = detail.filters.map((filter) => filter.filter(Boolean).join(" ")).join(", ");
    bar().replaceChildren(text("span", words), anchor("Show the rows", detail.address));
    bar().hidden = false;
  });

  const text = (tag, words) => Object.assign(document.createElement(tag), { textContent: words });
  const anchor = (words, href) => Object.assign(text("a", words), { href, className: "btn btn-default btn-sm" });

  function button(words, action) {
    const made = Object.assign(text("button", words), { type: "button", className: "btn btn-default btn-sm" });
    made.addEventListener("click", action);
    return made;
  }

  function close() {
    bar().hidden = true;
    bar().replaceChildren();
    delete picture().dataset.selecting;
    picture().querySelector(".range-area")?.remove();
    document.getElementById("select-range").setAttribute("aria-expanded", "false");
  }

  function begins() {
    picture().dataset.selecting = "yes";
    document.getElementById("select-range").setAttribute("aria-expanded", "true");
    bar().hidden = false;
    fields();
    bar().querySelector("input")?.focus({ preventScroll: true });
  }

  function fields(ends = []) {
    const rows = columns().flatMap((column, place) => (column ? [ending(column, place, ends[place] ?? ["", ""])] : []));
    const hint = text("p", "Drag over the picture, or write the ends.");
    hint.className = "form-text mb-0";
    bar().replaceChildren(hint, ...rows, button("Filter this chart", () => lead(picture().dataset.chart)), button("Show the rows", () => lead(picture().dataset.rows)), button("Cancel", cancel));
  }

  function cancel() {
    close();
    document.getElementById("select-range").focus();
  }

  function ending(column, place, values) {
    const group = Object.assign(document.createElement("span"), { className: "range-ends" });
    const name = column.length > 40 ? `${column.slice(0, 39)}…` : column;
    const inputs = ["from", "to"].map((word, at) => {
      const input = Object.assign(document.createElement("input"), { className: "form-control form-control-sm", value: values[at], type: "text" });
      input.setAttribute("aria-label", `${name} ${word}`);
      Object.assign(input.dataset, { column, end: at });
      return input;
    });
    group.append(text("bdi", name), " from ", inputs[0], " to ", inputs[1]);
    return group;
  }

  function lead(address) {
    const filters = columns().filter(Boolean).flatMap((column) => {
      const [low, high] = [...bar().querySelectorAll("input")].filter((one) => one.dataset.column === column).map((one) => one.value.trim());
      if (low && high) return [[column, "between", `${low}..${high}`]];
      if (low) return [[column, "at-least", low]];
      return high ? [[column, "at-most", high]] : [];
    });
    if (filters.length) location.assign(window.beanftCharts.extended(address, filters));
    else bar().querySelector("input")?.focus();
  }

  // Where the pointer is, kept inside of the panel on which the range began.
  function inside(event) {
    const area = picture().getBoundingClientRect();
    const rect = figure.chart.getModel().getComponent("grid", panel).coordinateSystem.getRect();
    const x = Math.min(Math.max(event.clientX - area.left, rect.x), rect.x + rect.width);
    const y = Math.min(Math.max(event.clientY - area.top, rect.y), rect.y + rect.height);
    return { x, y, rect };
  }

  document.addEventListener("pointerdown", (event) => {
    const element = picture();
    if (!element?.dataset.selecting || !element.contains(event.target) || event.button) return;
    const area = element.getBoundingClientRect();
    const at = [event.clientX - area.left, event.clientY - area.top];
    const found = figure.links.axes.findIndex((names, place) => names.some(Boolean) && figure.chart.containPixel({ gridIndex: place }, at));
    if (found < 0) return;
    event.preventDefault();
    panel = found;
    drag = inside(event);
    element.setPointerCapture(event.pointerId);
  });
  document.addEventListener("pointermove", (event) => {
    if (drag) shade(inside(event));
  });
  document.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const to = inside(event);
    if (Math.abs(to.x - drag.x) + Math.abs(to.y - drag.y) > 4) fields(ranges(drag, to));
    drag = null;
  });
  document.addEventListener("pointercancel", () => {
    drag = null;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && picture()?.dataset.selecting) cancel();
  });

  function shade(to) {
    const [alongX, alongY] = columns().map(Boolean);
    const { rect } = to;
    const area = picture().querySelector(".range-area") ?? picture().appendChild(Object.assign(document.createElement("div"), { className: "range-area" }));
    const [x, width] = alongX ? [Math.min(drag.x, to.x), Math.abs(to.x - drag.x)] : [rect.x, rect.width];
    const [y, height] = alongY ? [Math.min(drag.y, to.y), Math.abs(to.y - drag.y)] : [rect.y, rect.height];
    Object.assign(area.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
  }

  function ranges(from, to) {
    const [a, b] = [from, to].map(({ x, y }) => figure.chart.convertFromPixel({ gridIndex: panel }, [x, y]));
    return columns().map((column, place) => {
      if (!column) return ["", ""];
      const ends = [a[place], b[place]].sort((one, other) => one - other);
      return ends.map((end) => written(end, ends[1] - ends[0], axis(place).type));
    });
  }

  // As exact as the picture is: a hundredth of what was selected; days where it is several of them.
  function written(value, span, type) {
    if (type === "time") return new Date(value).toISOString().slice(0, span > 3 * 86_400_000 ? 10 : 19);
    if (type === "log") return String(Number(value.toPrecision(4)));
    const decimals = Math.min(Math.max(2 - Math.floor(Math.log10(span || 1)), -20), 20);
    return String(decimals >= 0 ? Number(value.toFixed(decimals)) : Math.round(value / 10 ** -decimals) * 10 ** -decimals);
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-select-range]")) return;
    if (picture().dataset.selecting) cancel();
    else begins();
  });

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
