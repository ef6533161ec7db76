// Draws every <div class="chart" data-figure="address of an ECharts option">, follows the theme and the
// window, and saves the picture as PNG or SVG. Figures are plain JSON; the marks that ECharts lacks
// (bins, intervals, outliers beside their box) are registered here by name.
"use strict";
(() => {
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawn = new Map(); // element -> { chart, option }

  // Offset of one of several bars side by side from the middle of their category.
  function offset({ place, nPlaces }, api) {
    return nPlaces > 1 ? api.barLayout({ count: nPlaces, barMaxWidth: 64 })[place].offsetCenter : 0;
  }

  function interval(params, api) {
    const { flat, faint } = params.itemPayload;
    const ends = [api.value(1), api.value(2)].map((end) => api.coord(flat ? [end, api.value(0)] : [api.value(0), end]));
    const shift = offset(params.itemPayload, api);
    const [x1, y1] = ends[0];
    const [x2, y2] = ends[1];
    const style = faint
      ? { stroke: api.visual("color"), lineWidth: 1, opacity: 0.5, fill: null }
      : { stroke: css("--bs-body-color"), lineWidth: 1.5, fill: null };
    const line = (a, b, c, d) => ({ type: "line", shape: { x1: a, y1: b, x2: c, y2: d }, style });
    const cap = faint ? 0 : 4;
    const children = flat
      ? [line(x1, y1, x2, y2), line(x1, y1 - cap, x1, y1 + cap), line(x2, y2 - cap, x2, y2 + cap)]
      : [line(x1 + shift, y1, x2 + shift, y2), line(x1 + shift - cap, y1, x1 + shift + cap, y1), line(x2 + shift - cap, y2, x2 + shift + cap, y2)];
    return { type: "group", children };
  }

  function bin(params, api) {
    const [left, bottom] = api.coord([api.value(0), api.value(2)]);
    const [right, top] = api.coord([api.value(1), api.value(3)]);
    const shape = { x: left, y: top, width: Math.max(right - left - 1, 1), height: bottom - top };
    return { type: "rect", shape, style: { fill: api.visual("color") } };
  }

  function outlier(params, api) {
    const { place, nPlaces } = params.itemPayload;
    const [x, y] = api.coord([api.value(0), api.value(1)]);
    // ECharts lays boxes out in 80 % of the category with gaps of 30 % of a box's share.
    const band = api.size([1, 0])[0] * 0.8 - 2;
    const gap = nPlaces > 1 ? (band / nPlaces) * 0.3 : 0;
    const width = (band - gap * (nPlaces - 1)) / nPlaces;
    const cx = x - band / 2 + width / 2 + place * (width + gap);
    return { type: "circle", shape: { cx, cy: y, r: 2.5 }, style: { fill: api.visual("color"), opacity: 0.6 } };
  }

  function theme() {
    const [text, soft, border] = [css("--bs-body-color"), css("--bs-secondary-color"), css("--bs-border-color")];
    const axis = {
      axisLine: { lineStyle: { color: border } },
      axisTick: { show: false },
      axisLabel: { color: soft, fontSize: 12 },
      nameTextStyle: { color: text, fontSize: 12 },
      splitLine: { lineStyle: { color: border } },
      splitArea: { show: false },
    };
    return {
      color: [1, 2, 3, 4, 5, 6].map((place) => css(`--chart-${place}`)),
      backgroundColor: "transparent",
      textStyle: { color: text, fontFamily: getComputedStyle(document.body).fontFamily },
      title: { textStyle: { color: text, fontSize: 16, fontWeight: 600 } },
      legend: { textStyle: { color: text }, inactiveColor: border, pageTextStyle: { color: text }, pageIconColor: text, pageIconInactiveColor: border },
      tooltip: { backgroundColor: css("--bs-tertiary-bg"), borderColor: border, textStyle: { color: text, fontSize: 13 }, axisPointer: { lineStyle: { color: soft }, crossStyle: { color: soft } } },
      valueAxis: axis,
      timeAxis: axis,
      categoryAxis: { ...axis, splitLine: { show: false } },
      boxplot: { itemStyle: { color: "transparent", borderWidth: 1.5 } },
      line: { smooth: false },
    };
  }

  // What a theme cannot hold: scales of one hue, from faint to strong; a matrix stays legible under its text.
  function coloured(option) {
    if (!option.visualMap) return option;
    const matrix = option.series.some((series) => series.type === "heatmap");
    const faint = css("--bs-tertiary-bg");
    const color = matrix
      ? [faint, mixed(faint, css("--chart-1"), 0.5)]
      : [mixed(css("--bs-body-bg"), css("--chart-1"), 0.3), css("--chart-1"), mixed(css("--bs-body-color"), css("--chart-1"), 0.4)];
    const label = matrix ? { series: option.series.map((one) => ({ ...one, label: { ...one.label, color: css("--bs-body-color") } })) } : {};
    return { ...option, ...label, visualMap: { ...option.visualMap, inRange: { color }, textStyle: { color: css("--bs-body-color") } } };
  }

  function mixed(from, to, share) {
    const [a, b] = [from, to].map((color) => echarts.color.parse(color));
    return `rgb(${[0, 1, 2].map((place) => Math.round(a[place] + (b[place] - a[place]) * share)).join(",")})`;
  }

  async function draw(element) {
    if (drawn.has(element)) return;
    drawn.set(element, {});
    element.setAttribute("aria-busy", "true");
    element.textContent = "Drawing…";
    try {
      const option = await fetchFigure(element.dataset.figure);
      element.textContent = "";
      const chart = echarts.init(element, theme());
      chart.setOption(coloured(option));
      drawn.set(element, { chart, option });
      new ResizeObserver(() => chart.resize()).observe(element);
      for (const button of saveButtons(element)) button.hidden = false;
    } catch (error) {
      element.textContent = error.sentence ?? "The picture could not be loaded. Check the connection and load this page again.";
      console.error(error);
    }
    element.removeAttribute("aria-busy");
  }

  async function fetchFigure(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    const figure = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(`figure: ${answer.status}`), { sentence: figure.error });
    return figure;
  }

  const saveButtons = (element) => element.closest(".card")?.querySelectorAll("[data-save]") ?? [];

  // An off-screen copy with the title above it, so that the file speaks for itself.
  function save(element, format) {
    const { option } = drawn.get(element);
    const [width, height] = [Math.max(element.clientWidth, 640), element.clientHeight + 40];
    const title = { text: element.dataset.title ?? "", left: "center", top: 8, textStyle: { width: width - 48, overflow: "truncate" } };
    const shifted = coloured({ ...option, title, grid: { ...option.grid, top: option.grid.top + 40 } });
    for (const part of ["legend", "visualMap"]) if (shifted[part]) shifted[part] = { ...shifted[part], top: 40 };
    const holder = Object.assign(document.createElement("div"), { className: "chart" });
    const renderer = format === "svg" ? "svg" : "canvas";
    const copy = echarts.init(holder, theme(), { renderer, width, height, devicePixelRatio: 2 });
    copy.setOption({ ...shifted, backgroundColor: css("--bs-body-bg") });
    if (format === "svg") {
      const text = copy.renderToSVGString();
      download(URL.createObjectURL(new Blob([text], { type: "image/svg+xml" })), "chart.svg");
    } else {
      download(copy.getDataURL({ type: "png", pixelRatio: 2 }), "chart.png");
    }
    copy.dispose();
  }

  function download(href, name) {
    const link = Object.assign(document.createElement("a"), { href, download: name });
    link.click();
    if (href.startsWith("blob:")) URL.revokeObjectURL(href);
  }

  function drawAll() {
    for (const element of drawn.keys()) {
      if (element.isConnected) continue;
      drawn.get(element).chart?.dispose();
      drawn.delete(element);
    }
    for (const element of document.querySelectorAll(".chart[data-figure]")) draw(element);
  }

  // Fields that a kind of chart does not use are hidden and not sent.
  function fitForm(form) {
    const [kind, aggregation] = [form.elements.kind.value, form.elements.aggregation.value];
    for (const part of form.querySelectorAll("[data-kinds]")) {
      const field = part.querySelector("select, input");
      const counted = field.name === "y" && (kind === "bar" || kind === "line") && aggregation === "count";
      part.hidden = counted || !part.dataset.kinds.split(" ").includes(kind);
      field.disabled = part.hidden;
    }
  }

  echarts.registerCustomSeries("interval", interval);
  echarts.registerCustomSeries("bin", bin);
  echarts.registerCustomSeries("outlier", outlier);
  document.addEventListener("beanft:theme", () => {
    for (const { chart, option } of drawn.values()) {
      chart?.setTheme(theme());
      chart?.setOption(coloured(option), true);
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-save]");
    const element = button?.closest(".card").querySelector(".chart[data-figure]");
    if (element) save(element, button.dataset.save);
  });
  document.addEventListener("htmx:after:swap", drawAll);
  const begin = () => {
    for (const form of document.querySelectorAll("[data-chart-form]")) {
      form.addEventListener("change", () => fitForm(form));
      fitForm(form);
    }
    drawAll();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
