// The page of rows: the filter form fits the chosen column, menus close, rows and links are copied.
// Without this file every link and form works all the same.
"use strict";
(() => {
  const hints = {
    between: { number: "Two values, such as 10..20", date: "Two days, such as 2024-01-01..2024-12-31" },
    "one-of": { number: "Such as 1; 2; 3", text: 'Such as one; two; "three; four", capitals as they are' },
    "none-of": { text: 'Such as one; two; "three; four", capitals as they are' },
    "in-year": { date: "Such as 2024" },
    "in-month": { date: "3 or March for every year, 2024-03 for one" },
    "on-weekday": { date: "Such as Monday" },
    "longer-than": { text: "A number of characters" },
    equals: { text: "The whole text, capitals as they are" },
    "not-equals": { text: "The whole text, capitals as they are" },
  };
  const usualHints = { number: "A number", date: "A day, such as 2024-12-31", boolean: "true or false", text: "Some text, capitals do not matter" };

  const grid = () => document.getElementById("rows");
  const filterForm = () => document.querySelector("[data-filter]");

  // What is said of the chosen column stands on its option, in the list or in the suggestions.
  function chosen(form) {
    const field = document.getElementById("filter-column");
    const option = field.selectedOptions?.[0] ?? [...field.list.options].find((one) => one.value === field.value);
    return option?.dataset ?? {};
  }

  function fitOperators(form) {
    const { family } = chosen(form);
    const operators = JSON.parse(form.dataset.operators)[family];
    const field = document.getElementById("filter-operator");
    if (!operators) return;
    const before = field.value;
    field.replaceChildren(...Object.entries(operators).map(([key, label]) => new Option(label, key)));
    field.value = before in operators ? before : Object.keys(operators)[0];
  }

  function fitValue(form) {
    const { family, words } = chosen(form);
    const operator = document.getElementById("filter-operator").value;
    const field = document.getElementById("filter-value");
    const none = JSON.parse(form.dataset.needless).includes(operator);
    field.disabled = none;
    field.closest("div").hidden = none;
    field.inputMode = family === "number" && !["between", "one-of"].includes(operator) ? "decimal" : "text";
    const labels = family === "boolean" ? (words ? JSON.parse(words) : ["false", "true"]) : [];
    document.getElementById("filter-words").replaceChildren(...labels.map((label) => new Option("", label)));
    const hint = labels.length ? `${labels[1]} or ${labels[0]}` : (hints[operator]?.[family] ?? usualHints[family] ?? "");
    document.getElementById("filter-help").textContent = none ? "" : hint;
  }

  function fitFilter() {
    const form = filterForm();
    if (!form) return;
    fitOperators(form);
    fitValue(form);
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "filter-column") fitFilter();
    if (event.target.id === "filter-operator") fitValue(filterForm());
  });

  // A field that is disabled is not sent; the lists of the address stay parallel with an empty one.
  document.addEventListener("formdata", (event) => {
    if (event.target !== filterForm() || !document.getElementById("filter-value").disabled) return;
    event.formData.append("value", "");
  });

  const announce = (text) => {
    document.querySelector("[data-announce]").textContent = text;
  };

  // Where the clipboard is closed to pages, the text is selected for the visitor's own Ctrl+C.
  async function copy(text, what, near) {
    try {
      await navigator.clipboard.writeText(text);
      announce(`${what} copied.`);
      flash(near, "Copied");
    } catch {
      offer(text, near);
      announce(`The browser does not let pages copy. ${what} is selected: press Ctrl and C.`);
    }
  }

  function flash(button, text) {
    if (button.dataset.before) return;
    button.dataset.before = button.innerHTML;
    button.textContent = text;
    setTimeout(() => {
      button.innerHTML = button.dataset.before;
      delete button.dataset.before;
    }, 1500);
  }

  function offer(text, near) {
    const field = Object.assign(document.createElement("textarea"), { className: "form-control mt-2", value: text, rows: 6, readOnly: true });
    field.setAttribute("aria-label", "Text to copy");
    near.parentElement.after(field);
    field.addEventListener("blur", () => field.remove());
    field.focus();
    field.select();
  }

  async function copyRows(link) {
    const answer = await fetch(link.href, { credentials: "same-origin", headers: { Accept: "text/plain" } });
    if (!answer.ok || answer.redirected) {
      announce("The rows could not be loaded. Load this page again.");
      return;
    }
    await copy(await answer.text(), "The rows of this page", link);
  }

  // “Filter by it” needs no answer of the server: the form is on the page.
  function filterBy(button) {
    const field = document.getElementById("filter-column");
    button.closest("[popover]").hidePopover();
    field.value = button.value;
    fitFilter();
    document.getElementById("filter-operator").focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy-rows], [data-copy-link], [data-copy-from], [data-about]");
    if (!target) return;
    event.preventDefault();
    if ("copyRows" in target.dataset) copyRows(target);
    else if ("copyLink" in target.dataset) copy(new URL(grid().dataset.here, location.href).href, "The link", target);
    else if ("about" in target.dataset) filterBy(target);
    else copy(document.getElementById(target.dataset.copyFrom).textContent, "The code", target);
  });

  // After a swap: the address in its shortest form, no menu left open, the panel of a column shown.
  function settle() {
    for (const menu of document.querySelectorAll("[popover]:popover-open")) menu.hidePopover();
    const here = new URL(grid().dataset.here, location.href);
    if (here.href !== location.href) history.replaceState(history.state, "", here);
    begin();
    keepFocus();
  }

  // Where the part that had the focus is gone (a chip, the last page's “Next”), the keyboard goes on at the rows.
  function keepFocus() {
    const active = document.activeElement;
    if (active && active !== document.body && active.checkVisibility()) return;
    const rows = grid().querySelector(".table-responsive") ?? document.getElementById("search");
    rows.focus({ preventScroll: true });
  }

  // The focus goes into the panel, and back to the button of the menu when it closes.
  function showPanel() {
    const menu = document.querySelector(".column-menu:popover-open");
    const panel = document.getElementById("column-panel");
    const button = menu && document.querySelector(`[popovertarget="${menu.id}"]`);
    menu?.hidePopover();
    panel.addEventListener("hidden.bs.offcanvas", () => button?.focus(), { once: true });
    bootstrap.Offcanvas.getOrCreateInstance(panel).show();
  }

  function begin() {
    for (const button of document.querySelectorAll("[data-copy-link], [data-copy-from]")) button.hidden = false;
    fitFilter();
  }

  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail?.ctx?.target ?? event.target;
    if (target?.id === "column-panel-body") showPanel();
    else settle();
  });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
