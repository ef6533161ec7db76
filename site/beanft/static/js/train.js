// The training form follows the chosen target.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("[data-train]");
  if (form) followTarget(form);
});

function followTarget(form) {
  const { target, task, metric, budget } = form.elements;
  const boxes = () => [...form.querySelectorAll("input[name=features]")];
  const search = form.querySelector("[data-search]");
  form.querySelector("[data-tick-buttons]").hidden = false;
  form.querySelector("[data-presets]").hidden = false;
  form.querySelector("[data-ticked]").hidden = false;

  form.addEventListener("click", (event) => {
    const { tick } = event.target.dataset;
    const seconds = event.target.closest("[data-seconds]")?.dataset.seconds;
    if (seconds) budget.value = seconds;
    if (tick) {
      for (const box of boxes()) {
        if (box.closest("tr").hidden) continue; // what the search hides stays as it is
        box.checked = tick === "all" && !box.disabled && !("warned" in box.dataset);
      }
    }
    showPace();
    showTicked();
  });
  budget.addEventListener("input", showPace);
  form.addEventListener("change", (event) => {
    const { cut } = event.target.dataset;
    if (cut && event.target.value) form.querySelector(`input[name=cut][value=${cut}]`).checked = true;
    if (event.target.name === "features") showTicked();
    if (event.target.name === "learners") showNoneTicked();
  });
  // The search is no field of the form: Enter looks for columns and trains nothing.
  search?.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  search?.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    let n = 0;
    for (const row of form.querySelectorAll("[data-feature]")) {
      row.hidden = !row.dataset.feature.toLowerCase().includes(wanted);
      n += !row.hidden;
    }
    form.querySelector("[data-none-found]").hidden = n > 0;
  });
  const follow = () => {
    showTarget();
    showTask();
    showPace();
    showTicked();
  };
  target.addEventListener("change", follow);
  metric.addEventListener("change", showMetric);
  task.addEventListener("change", showTask);
  window.addEventListener("pageshow", follow); // Back restores what was chosen after the page was read
  follow();

  function showPace() {
    for (const choice of form.querySelectorAll("[data-seconds]")) {
      choice.setAttribute("aria-pressed", String(choice.dataset.seconds === budget.value));
    }
  }

  function showTicked() {
    form.querySelector("[data-ticked]").textContent = `, ${boxes().filter((box) => box.checked).length} ticked`;
  }

  function showNoneTicked() {
    const learners = [...form.querySelectorAll("input[name=learners]:enabled")];
    form.querySelector("[data-none-ticked]").hidden = learners.some((box) => box.checked);
  }

  function showMetric() {
    const sentence = metric.selectedOptions[0]?.dataset.sentence ?? "";
    const shown = form.querySelector("[data-metric-sentence]");
    shown.textContent = sentence;
    shown.hidden = !sentence;
  }

  function showNotices(settled) {
    const said = JSON.parse(target.selectedOptions[0]?.dataset.notices ?? "{}")[settled] ?? [];
    const list = form.querySelector("[data-notice-list]");
    list.replaceChildren(...said.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence })));
    list.hidden = !said.length;
  }

  // Of two classes one is to be found; the last one unless another is chosen.
  function showClasses(settled) {
    const classes = settled === "classification" ? JSON.parse(target.selectedOptions[0]?.dataset.classes ?? "[]") : [];
    const { positive } = form.elements;
    const chosen = positive.value;
    positive.options[0].text = classes.length ? `${classes.at(-1)} (the usual)` : "";
    positive.replaceChildren(positive.options[0], ...classes.map((one) => new Option(one, one)));
    positive.value = classes.includes(chosen) ? chosen : "";
    form.querySelector("[data-positive]").hidden = !classes.length;
  }

  // The target cannot be ticked; the column that was the target before is ticked again.
  function showTarget() {
    form.querySelector("[data-found]").textContent = target.selectedOptions[0]?.dataset.sentence ?? "";
    for (const row of form.querySelectorAll("[data-feature]")) {
      const box = row.querySelector("input");
      const chosen = target.value !== "" && row.dataset.feature === target.value;
      if (box.disabled && !chosen) box.checked = !("warned" in box.dataset);
      if (chosen) box.checked = false;
      box.disabled = chosen;
      row.querySelector("[data-is-target]").hidden = !chosen;
    }
  }

  // Learners and metrics of the other task are neither shown nor sent.
  function showTask() {
    const said = target.selectedOptions[0]?.dataset ?? {};
    const settled = task.value === "auto" ? (said.task ?? "") : task.value;
    const fits = (element) => !settled || element.dataset.tasks.split(" ").includes(settled);
    for (const part of form.querySelectorAll("div[data-tasks]")) {
      part.hidden = !fits(part);
      for (const box of part.querySelectorAll("input, select")) box.disabled = !fits(part);
    }
    for (const option of metric.querySelectorAll("option[data-tasks]")) {
      option.hidden = !fits(option) || (option.dataset.binary === "True" && said.binary === "False");
      option.disabled = option.hidden;
      if (option.selected && option.hidden) metric.value = "";
    }
    showMetric();
    showNoneTicked();
    showNotices(settled);
    showClasses(settled);
    form.querySelector("[data-needs-target]").hidden = !settled || !target.value;
    const proposed = form.querySelector("[data-proposed]");
    proposed.textContent = proposed.dataset[settled] ?? proposed.textContent;
  }
}
