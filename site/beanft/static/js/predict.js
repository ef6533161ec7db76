// The form of one row: sliders beside numbers and dates, and an answer that follows what is typed. The form is
// never asked for a part of itself (form.action, form.elements …): a column of that name would answer.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const page = document.querySelector("[data-row-page]");
  if (page) followRow(page);
});

function followRow(page) {
  const STEPS = 400; // predict/sliders.py has the same
  const DAY_S = 86400;
  const [SETTLED_MS, QUIET_MS] = [150, 1200];
  const form = document.getElementById("row-form");
  const [answer, reasons, whatif] = ["answer", "reasons", "whatif"].map((id) => document.getElementById(id));
  const live = document.querySelector("[data-announce]");
  const link = document.querySelector("[data-row-link]");
  const undo = document.querySelector("[data-undo]");
  const fields = [...page.querySelectorAll("[data-input]")].map(fieldOf);
  const asked = { level: "90", label: "" };
  let before = null; // the number that the row had at the start
  let quiet = 0;

  function fieldOf(input) {
    const box = input.closest(".row-field");
    return { input, box, range: box.querySelector("[data-slider] input"), back: box.querySelector("[data-back]"), start: input.value };
  }

  // ---- Sliders: engine/learning/scales.py has the same scale.

  function valueAt(range, step) {
    const { low, high, bend, dated, whole } = scaleOf(range);
    const place = step / STEPS;
    if (place <= 0 || place >= 1) return place <= 0 ? low : high;
    const unit = dated ? (whole ? DAY_S : 60) : unitAt(range, place);
    const value = Math.round((low + (high - low) * place ** bend) / unit) * unit;
    return Math.min(high, Math.max(low, Number(value.toPrecision(12))));
  }

  function scaleOf(range) {
    const { low, high, bend, dated, whole } = range.dataset;
    return { low: Number(low), high: Number(high), bend: Number(bend), dated: dated !== undefined, whole: whole !== undefined };
  }

  function unitAt(range, place) {
    const { low, high, bend, whole } = scaleOf(range);
    const near = (Math.max(place, 1 / STEPS) ** (bend - 1) * bend * (high - low)) / STEPS;
    const ten = 10 ** Math.floor(Math.log10(near));
    const unit = [1, 2, 5, 10].map((step) => step * ten).find((one) => near <= one) ?? 10 * ten;
    return whole ? Math.max(1, unit) : unit;
  }

  function written(range, value) {
    if (!scaleOf(range).dated) return withComma(range, String(value));
    const moment = new Date(value * 1000).toISOString();
    return scaleOf(range).whole ? moment.slice(0, 10) : moment.slice(0, 19).replace("T", " ");
  }

  // engine/learning/checking/writing.py writes numbers like this: in a column with decimal commas 7.506 is 7506.
  function withComma(range, text) {
    return range.dataset.comma !== undefined && !text.includes("e") ? text.replace(".", ",") : text;
  }

  function plain(range, text) {
    const grouped = range.dataset.comma !== undefined && /^[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?$/.test(text.trim());
    return (grouped ? text.replaceAll(".", "") : text).replace(",", ".");
  }

  function read(range, text) {
    if (text.trim() === "") return null;
    const value = scaleOf(range).dated ? Date.parse(`${text.trim().replace(" ", "T")}${text.includes(":") ? "Z" : ""}`) / 1000 : Number(plain(range, text));
    return Number.isFinite(value) ? value : null;
  }

  function stepOf(range, text) {
    const { low, high, bend } = scaleOf(range);
    const value = read(range, text);
    if (value === null) return null;
    const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return Math.round(share ** (1 / bend) * STEPS);
  }

  function moved(field) {
    const text = field.input.value;
    const step = field.range && stepOf(field.range, text);
    if (field.range) {
      if (step !== null) field.range.value = step;
      field.range.closest("[data-slider]").classList.toggle("is-empty", step === null);
    }
    const same = text === field.start;
    field.back.hidden = same;
    field.box.classList.toggle("is-changed", !same);
    if (!same) field.back.replaceChildren(hiddenWords(`Set ${field.box.dataset.column} `), `back to ${told(field)}`);
    undo.hidden = fields.every((one) => one.input.value === one.start);
    shareLink();
  }

  function hiddenWords(text) {
    return Object.assign(document.createElement("span"), { className: "visually-hidden", textContent: text });
  }

  function told(field) {
    const option = [...(field.input.options ?? [])].find((one) => one.value === field.start);
    const text = option ? option.textContent : field.start || "missing";
    return text.length > 24 ? `${text.slice(0, 24)}…` : text;
  }

  function set(field, text) {
    field.input.value = text;
    moved(field);
    ask();
  }

  // Only what is not typical stands in the link: the form fills in the rest by itself.
  function shareLink() {
    const other = fields.filter((field) => field.input.value !== field.input.dataset.typical);
    const query = new URLSearchParams(other.map((field) => [field.input.name, field.input.value])).toString();
    link.dataset.copyLink = query ? `${page.dataset.blank}?${query}` : page.dataset.blank;
  }

  // ---- Asking: one question of each part at a time; what changes meanwhile is asked when it is answered.

  function asker(part, show) {
    let [busy, again, timer] = [false, false, 0];
    async function send() {
      if (busy) {
        again = true;
        return;
      }
      [busy, again] = [true, false];
      try {
        const response = await fetch(`${page.dataset.address}?${new URLSearchParams({ part, ...asked })}`, {
          method: "POST",
          body: new FormData(form),
          headers: { "HX-Request": "true", Accept: "text/html" },
        });
        if (response.redirected) return location.reload(); // logged out meanwhile
        const text = await response.text();
        if (!again) show(response.ok || response.status === 422 ? text : null);
        else if (part === "answer" && response.ok) show(text); // an answer on the way, while a slider moves
      } catch (error) {
        console.warn(error);
        if (!again) show(null);
      }
      busy = false;
      if (again) send();
    }
    return (wait = SETTLED_MS) => {
      clearTimeout(timer);
      timer = setTimeout(send, wait);
    };
  }

  const askAnswer = asker("answer", showAnswer);
  const askWhy = asker("why", showWhy);

  function ask(wait) {
    for (const part of [answer, reasons, whatif]) part.setAttribute("aria-busy", "true");
    askAnswer(wait);
    askWhy(wait);
  }

  function parsed(text) {
    return new DOMParser().parseFromString(text, "text/html").body;
  }

  function opened(part) {
    return [...part.querySelectorAll("details[data-keep]")].filter((one) => one.open).map((one) => one.dataset.keep);
  }

  function fill(part, nodes) {
    const open = opened(part);
    const level = document.activeElement?.dataset?.level;
    part.replaceChildren(...nodes);
    for (const one of part.querySelectorAll("details[data-keep]")) if (open.includes(one.dataset.keep)) one.open = true;
    if (level && part === answer) part.querySelector(`[data-level="${level}"]`)?.focus();
    part.removeAttribute("aria-busy");
  }

  function failed() {
    const text = "The answer could not be loaded. Check the connection and press Predict again.";
    const body = Object.assign(document.createElement("div"), { className: "card-body" });
    body.append(Object.assign(document.createElement("p"), { className: "text-bad mb-0", textContent: text }));
    body.dataset.said = text;
    return [body];
  }

  function showAnswer(text) {
    fill(answer, text === null ? failed() : [...parsed(text).childNodes]);
    markWrong();
    const { said = "", value = "", brief = "" } = answer.querySelector("[data-said]")?.dataset ?? {};
    showChange(value === "" ? null : Number(value));
    const foot = page.querySelector(".row-brief");
    foot.textContent = brief;
    foot.hidden = !brief;
    clearTimeout(quiet);
    quiet = setTimeout(() => announce(said), QUIET_MS);
  }

  // Only once nothing moves any more, and only what is new.
  function announce(said) {
    if (page.dataset.heard !== said && page.dataset.heard !== undefined) live.textContent = said;
    page.dataset.heard = said;
  }

  function showChange(value) {
    const change = answer.querySelector("[data-change]");
    if (value === null || !change) return;
    before ??= value;
    const by = value - before;
    if (!by) return;
    const amount = Math.abs(by).toLocaleString("en", { maximumSignificantDigits: 3 });
    change.textContent = `${by > 0 ? "▲" : "▼"} ${amount} ${by > 0 ? "more" : "less"} than at the start`;
    change.hidden = false;
  }

  function showWhy(text) {
    const parts = parsed(text ?? "");
    const chosen = document.activeElement?.matches("[data-label]");
    for (const [place, name] of [[reasons, "reasons"], [whatif, "whatif"]]) {
      fill(place, [...(parts.querySelector(`[data-part="${name}"]`)?.childNodes ?? [])]);
    }
    const label = reasons.querySelector("[data-label]");
    if (label) label.hidden = false;
    if (chosen) label?.focus(); // the choice that was just made was replaced with the rest
  }

  function markWrong() {
    const wrong = new Map();
    for (const item of answer.querySelectorAll("[data-field]")) {
      wrong.set(item.dataset.field, item.querySelector("span").textContent);
    }
    for (const { input } of fields) {
      const found = wrong.has(input.id);
      document.getElementById(`${input.id}-error`).textContent = wrong.get(input.id) ?? "";
      input.classList.toggle("is-invalid", found);
      if (found) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    return wrong;
  }

  function focusOn(id) {
    const input = document.getElementById(id);
    const fold = input.closest("details");
    if (fold) fold.open = true;
    input.focus();
  }

  // ---- What people do

  page.addEventListener("input", (event) => {
    const field = fields.find((one) => one.input === event.target || one.range === event.target);
    if (!field) return;
    if (event.target === field.range) field.input.value = written(field.range, valueAt(field.range, Number(field.range.value)));
    moved(field);
    ask(event.target === field.range ? 0 : SETTLED_MS);
  });

  page.addEventListener("keydown", (event) => {
    const way = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    const field = fields.find((one) => one.input === event.target);
    if (!way || !field?.range || field.input.type !== "text" || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const step = stepOf(field.range, field.input.value) ?? STEPS / 2;
    let next = step;
    do next += way;
    while (next > 0 && next < STEPS && written(field.range, valueAt(field.range, next)) === field.input.value);
    set(field, written(field.range, valueAt(field.range, Math.min(STEPS, Math.max(0, next)))));
  });

  page.addEventListener("click", (event) => {
    const field = fields.find((one) => one.back.contains(event.target));
    if (field) {
      set(field, field.start);
      field.input.focus();
    }
    const wrong = event.target.closest("[data-field] a");
    if (wrong) {
      event.preventDefault();
      focusOn(wrong.closest("[data-field]").dataset.field);
    }
  });

  page.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.dataset.level) {
      asked.level = event.submitter.dataset.level;
      askAnswer(0);
      return;
    }
    ask(0);
    const watch = new MutationObserver(() => {
      watch.disconnect();
      const [first] = markWrong().keys();
      if (first) focusOn(first);
      else answer.scrollIntoView({ block: "nearest" });
    });
    watch.observe(answer, { childList: true });
  });

  page.addEventListener("change", (event) => {
    if (!event.target.matches("[data-label]")) return;
    asked.label = event.target.value;
    askWhy(0);
  });

  whatif.addEventListener("click", (event) => {
    const panel = event.target.closest("[data-panel]");
    const field = panel && fields.find((one) => one.input.id === panel.dataset.panel);
    if (!field) return;
    const mark = event.target.closest("[data-set]");
    if (mark) return set(field, mark.dataset.set);
    const picture = event.target.closest("svg");
    if (!picture || !field.range) return;
    const { left, width } = picture.getBoundingClientRect();
    const share = ((event.clientX - left) / width) * (240 / 224) - 8 / 224; // why.py leaves 8 of 240 units at each edge
    set(field, written(field.range, valueAt(field.range, Math.round(Math.min(1, Math.max(0, share)) * STEPS))));
  });

  undo.addEventListener("click", () => {
    for (const field of fields) field.input.value = field.start;
    fields.forEach(moved);
    ask(0);
    document.getElementById("row-form-button").focus();
  });

  const find = page.querySelector("[data-find]");
  if (find) {
    const folded = fields.filter((field) => field.box.closest("details"));
    find.hidden = false;
    find.querySelector("input").addEventListener("input", (event) => {
      const wanted = event.target.value.trim().toLowerCase();
      for (const { box } of folded) box.hidden = !box.dataset.column.toLowerCase().includes(wanted);
      const left = folded.filter(({ box }) => !box.hidden).length;
      find.querySelector("[data-found]").textContent = wanted ? `${left} of ${folded.length}` : "";
    });
    find.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(); // it is a search, not the end of the form
    });
  }

  for (const slider of page.querySelectorAll("[data-slider]")) slider.hidden = false;
  const label = reasons.querySelector("[data-label]");
  if (label) label.hidden = false;
  asked.level = answer.querySelector("[data-level][aria-pressed=true]")?.dataset.level ?? "90";
  fields.forEach(moved);
  page.classList.add("is-live");
  ask(0); // the answer of the row as it stands
}
