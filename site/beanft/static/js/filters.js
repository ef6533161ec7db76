// The form that adds a filter fits the chosen column: its operators, and what to write.
// Without this file it offers every operator, and works all the same.
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

  const filterForm = () => document.querySelector("[data-filter]");

  // What is said of the chosen column stands on its option, in the list or in the suggestions.
  function chosen() {
    const field = document.getElementById("filter-column");
    const option = field.selectedOptions?.[0] ?? [...field.list.options].find((one) => one.value === field.value);
    return option?.dataset ?? {};
  }

  // The server sends the operators of all kinds of columns in groups; they are kept before they are replaced.
  let groups = {};
  function fitOperators() {
    const field = document.getElementById("filter-operator");
    const sent = [...field.querySelectorAll("optgroup")];
    if (sent.length) groups = Object.fromEntries(sent.map((group) => [group.dataset.family, [...group.children].map(({ value, text }) => [value, text])]));
    const operators = groups[chosen().family];
    if (!operators) return;
    const before = field.value;
    field.replaceChildren(...operators.map(([key, label]) => new Option(label, key)));
    field.value = operators.some(([key]) => key === before) ? before : operators[0][0];
  }

  function fitValue(form) {
    const { family, words } = chosen();
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
    fitOperators();
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

  window.beanftFilters = { fit: fitFilter };
  document.addEventListener("htmx:after:swap", fitFilter);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", fitFilter);
  else fitFilter();
})();
