// The slider of a threshold: counts, shares and costs follow at once from the table in the page.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("[data-threshold]");
  if (form) followThreshold(form);
});

function followThreshold(form) {
  const Z = 1.96;
  const table = JSON.parse(form.dataset.threshold);
  const { threshold, false_positive, false_negative, true_positive, true_negative } = form.elements;
  const amounts = [false_positive, false_negative, true_positive, true_negative];
  const slider = form.querySelector("[data-slider]");
  const said = (name) => form.querySelector(`[data-said="${name}"]`);
  const picture = form.querySelector("[data-figure]");
  let chosen = JSON.parse(form.dataset.cheapest); // what the cheapest one costs once the luck in choosing it is taken out
  slider.hidden = false;
  form.querySelector("[data-without-script]").hidden = true;

  slider.addEventListener("input", () => {
    threshold.value = table.thresholds[slider.value];
    show(Number(slider.value));
  });
  slider.addEventListener("change", announce);
  threshold.addEventListener("input", () => {
    const wanted = typed(threshold, 1);
    if (wanted === null) return;
    const place = placeOf(wanted);
    slider.value = place;
    show(place);
  });
  for (const amount of amounts) {
    amount.addEventListener("input", () => {
      chosen = null; // measured for other costs
      show(Number(slider.value));
    });
    amount.addEventListener("change", ask);
  }
  form.querySelector("[data-best-button]").addEventListener("click", (event) => {
    const costs = given();
    if (!costs) return; // the server says what is wrong with them
    event.preventDefault();
    slider.value = cheapest(costs);
    threshold.value = table.thresholds[slider.value];
    show(Number(slider.value));
    announce();
  });

  function typed(input, most) {
    const number = input.value.trim() === "" ? NaN : Number(input.value);
    return number >= 0 && number <= most ? number : null;
  }

  function given() {
    const [fp, fn, tp, tn] = amounts.map((amount) => typed(amount, 1e9));
    return [fp, fn, tp, tn].includes(null) || !(fp + fn + tp + tn) ? null : { fp, fn, tp: -tp, tn: -tn };
  }

  // The first threshold of the table at or above the wanted one has the same rows on each side.
  function placeOf(wanted) {
    const place = table.scores.findIndex((score) => score >= wanted);
    return place < 0 ? table.scores.length - 1 : place;
  }

  function countsAt(place) {
    return { tp: table.tp[place], fp: table.fp[place], fn: table.fn[place], tn: table.tn[place] };
  }

  function meanCost(counts, costs) {
    const names = Object.keys(counts);
    const n = names.reduce((sum, name) => sum + counts[name], 0);
    return names.reduce((sum, name) => sum + costs[name] * counts[name], 0) / n;
  }

  // Of equally cheap ones that nearest to where both answers cost the same, as the server does.
  function cheapest(costs) {
    const right = (costs.fp - costs.tn) / (costs.fp - costs.tn + costs.fn - costs.tp);
    const all = table.thresholds.map((at, place) => [meanCost(countsAt(place), costs), Math.abs(at - right), place]);
    return all.reduce((best, one) => (one[0] < best[0] || (one[0] === best[0] && one[1] < best[1]) ? one : best))[2];
  }

  // Half a row is added to each outcome: engine/learning/reports/thresholds.py has the same.
  function costInterval(counts, costs) {
    const names = Object.keys(counts);
    const rows = Object.fromEntries(names.map((name) => [name, counts[name] / table.inflation + 0.5]));
    const n = names.reduce((sum, name) => sum + rows[name], 0);
    const mean = meanCost(rows, costs);
    const square = names.reduce((sum, name) => sum + costs[name] ** 2 * rows[name], 0) / n;
    const half = Z * Math.sqrt(Math.max(0, square - mean ** 2) / (n + 1));
    const value = meanCost(counts, costs);
    const each = Object.values(costs);
    return [value, Math.max(Math.min(...each), Math.min(value, mean - half)), Math.min(Math.max(...each), Math.max(value, mean + half))];
  }

  function share(hits, all) {
    if (!all) return "– (no row)";
    const n = all / table.inflation;
    const [part, square] = [hits / all, Z * Z];
    const middle = (part + square / (2 * n)) / (1 + square / n);
    const half = (Z / (1 + square / n)) * Math.sqrt((part * (1 - part)) / n + square / (4 * n * n));
    const [value, low, high] = [part, Math.max(0, middle - half), Math.min(1, middle + half)].map(percent);
    return `${value} (${low} to ${high})`;
  }

  function digits(number) {
    return Number(number.toPrecision(3));
  }

  function percent(part) {
    return `${digits(100 * part)} %`;
  }

  function money(number) {
    return digits(1000 * number).toLocaleString("en", { maximumSignificantDigits: 6 });
  }

  function show(place) {
    const counts = countsAt(place);
    for (const [name, count] of Object.entries(counts)) form.querySelector(`[data-count="${name}"]`).textContent = count.toLocaleString("en");
    said("threshold").textContent = threshold.value;
    said("recall").textContent = share(counts.tp, counts.tp + counts.fn);
    said("precision").textContent = share(counts.tp, counts.tp + counts.fp);
    slider.setAttribute("aria-valuetext", threshold.value);
    const costs = given();
    if (!costs) {
      said("cost").textContent = "Type four amounts from 0 on, one of them above 0.";
      return;
    }
    const [value, low, high] = costInterval(counts, costs).map(money);
    const isChosen = chosen && chosen.threshold !== 0.5 && Number(threshold.value) === chosen.threshold;
    said("cost").textContent = isChosen ? chosen.cost : `${value} (${low} to ${high})`;
  }

  function announce() {
    form.querySelector("[data-live-said]").textContent = `Recall ${said("recall").textContent}, precision ${said("precision").textContent}, cost ${said("cost").textContent}.`;
    redraw();
  }

  function query() {
    const names = ["threshold", "false_positive", "false_negative", "true_positive", "true_negative"];
    return new URLSearchParams(names.map((name) => [name, form.elements[name].value]));
  }

  function redraw() {
    picture.dataset.figure = `${form.dataset.picture}?${query()}`;
    beanftCharts.draw(picture);
  }

  // Where the cheapest one lies, with its interval, is measured on the server.
  async function ask() {
    if (!given() || typed(threshold, 1) === null) return;
    const asked = query().toString();
    redraw();
    try {
      const answer = await fetch(`${form.dataset.address}?${asked}`, { headers: { Accept: "application/json" } });
      if (!answer.ok || query().toString() !== asked) return;
      const found = await answer.json();
      form.querySelector("[data-best]").textContent = found.best_sentence;
      chosen = found.cheapest;
      show(Number(slider.value));
    } catch (error) {
      console.warn(error); // the sentence of the costs before stays
    }
  }
}
