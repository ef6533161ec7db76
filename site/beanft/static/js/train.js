// The training form follows the chosen target, and an experiment's page follows its job.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("[data-train]");
  if (form) followTarget(form);
});

// The page's state is on <main>, outside of the part that htmx replaces.
document.addEventListener("htmx:after:swap", () => {
  const live = document.querySelector("[data-live]");
  if (live) document.querySelector("main").dataset.state = live.dataset.state;
});

function followTarget(form) {
  const { target, task, metric, budget } = form.elements;
  const boxes = () => [...form.querySelectorAll("input[name=features]")];
  form.querySelector("[data-tick-buttons]").hidden = false;
  form.querySelector("[data-presets]").hidden = false;

  form.addEventListener("click", (event) => {
    const { tick, seconds } = event.target.dataset;
    if (seconds) budget.value = seconds;
    if (tick) for (const box of boxes()) box.checked = tick === "all" && !box.disabled && !("warned" in box.dataset);
  });
  const follow = () => {
    showTarget();
    showTask();
  };
  target.addEventListener("change", follow);
  task.addEventListener("change", showTask);
  window.addEventListener("pageshow", follow); // Back restores what was chosen after the page was read
  follow();

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
      const box = part.querySelector("input");
      if (box) box.disabled = !fits(part);
    }
    for (const option of metric.querySelectorAll("option[data-tasks]")) {
      option.hidden = !fits(option) || (option.dataset.binary === "True" && said.binary === "False");
      option.disabled = option.hidden;
      if (option.selected && option.hidden) metric.value = "";
    }
  }
}
