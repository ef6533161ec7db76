// Draws every <div class="chart" data-figure="address of a figure">, follows the theme and the window, leads
// from a mark to its rows, and saves the picture as PNG or SVG. A figure is an ECharts option of plain JSON
// with two parts of ours: `links` (the rows behind the marks) and `height` (in pixels, of tall pictures).
"use strict";
(() => {
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawn = new Map(); // element -> { chart, option, links, address }
  const list = (part) => (part === undefined ? [] : [part].flat());

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
      // ECharts writes it into a style attribute of SVG as it is: double quotes would end that attribute.
      textStyle: { color: text, fontFamily: getComputedStyle(document.body).fontFamily.replaceAll('"', "'") },
      title: { textStyle: { color: text, fontSize: 16, fontWeight: 600 } },
      legend: { textStyle: { color: text }, inactiveColor: border, pageTextStyle: { color: text }, pageIconColor: text, pageIconInactiveColor: border },
      tooltip: { backgroundColor: css("--bs-tertiary-bg"), borderColor: border, textStyle: { color: text, fontSize: 13 }, axisPointer: { lineStyle: { color: soft }, crossStyle: { color: soft } } },
      valueAxis: axis,
      logAxis: axis,
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
    // Two hues where zero, in the middle of the scale, divides the values.
    const both = [mixed(faint, css("--chart-2"), 0.7), faint, mixed(faint, css("--chart-1"), 0.7)];
    const scale = (one) => ({ inRange: { color: one.diverging ? both : color }, ...one, textStyle: { color: css("--bs-body-color") } });
    return { ...option, ...label, visualMap: list(option.visualMap).map(scale) };
  }

  function mixed(from, to, share) {
    const [a, b] = [from, to].map((color) => echarts.color.parse(color));
    return `rgb(${[0, 1, 2].map((place) => Math.round(a[place] + (b[place] - a[place]) * share)).join(",")})`;
  }

  // A card has room for the marks and little else.
  function small(option) {
    const axis = (one) => ({ ...one, name: "", axisLabel: { ...one.axisLabel, fontSize: 10, rotate: 0, hideOverlap: true }, splitNumber: 3 });
    const whole = { left: 8, right: 12, top: 12, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" };
    return {
      ...option,
      legend: { show: false },
      tooltip: { show: false },
      grid: Array.isArray(option.grid) ? option.grid : { ...option.grid, ...whole },
      xAxis: list(option.xAxis).map(axis),
      yAxis: list(option.yAxis).map(axis),
      visualMap: list(option.visualMap).map((one) => ({ ...one, show: false })),
      series: list(option.series).map((one) => ({ ...one, silent: true, label: { ...one.label, show: false } })),
    };
  }

  function forget(element) {
    const { chart, observer } = drawn.get(element) ?? {};
    observer?.disconnect(); // first, for a picture that leaves the page changes its size
    chart?.dispose();
    drawn.delete(element);
  }

  async function draw(element) {
    const address = element.dataset.figure;
    const before = drawn.get(element);
    if (before?.address === address && (!before.chart || element.querySelector("canvas"))) return;
    if (before?.chart && "steady" in element.dataset) return renew(element, address, before);
    forget(element);
    drawn.set(element, { address });
    element.setAttribute("aria-busy", "true");
    element.textContent = "Drawing…";
    try {
      const { links, height, ...option } = await fetchFigure(address);
      if (drawn.get(element)?.address !== address) return; // another figure was asked for meanwhile
      show(element, address, "small" in element.dataset ? small(option) : option, links, height);
    } catch (error) {
      if (drawn.get(element)?.address !== address) return;
      element.textContent = error.sentence ?? "The picture could not be loaded. Check the connection and load this page again.";
      console.error(error);
    }
    element.removeAttribute("aria-busy");
  }

  // A picture of something that grows is drawn anew in place; where that fails, the one before stays.
  async function renew(element, address, before) {
    drawn.set(element, { ...before, address });
    try {
      const { links, height, ...option } = await fetchFigure(address);
      if (drawn.get(element)?.address !== address) return;
      drawn.set(element, { ...before, address, option, links });
      put(before.chart, option);
    } catch (error) {
      console.warn(error);
    }
  }

  function show(element, address, option, links, height) {
    element.textContent = "";
    element.style.height = height && !("small" in element.dataset) ? `${height}px` : "";
    const chart = echarts.init(element, theme());
    put(chart, option);
    const observer = new ResizeObserver(() => {
      // It is called once at the beginning, when the picture has its size already: drawing it again would
      // take as long as the first time.
      if (chart.getWidth() === element.clientWidth && chart.getHeight() === element.clientHeight) return;
      chart.resize();
      chart.setOption(option.aspect ? beanftFitMap(chart, option) : fits(chart, option));
    });
    observer.observe(element);
    drawn.set(element, { chart, option, links, address, observer });
    for (const button of saveButtons(element)) button.hidden = false;
    if (links && element.dataset.rows) {
      chart.on("click", (event) => follow(element, event));
      chart.getZr().on("click", (event) => followLine(element, event));
      element.dispatchEvent(new CustomEvent("beanft:drawn", { bubbles: true, detail: { chart, option, links } }));
    }
  }

  // What depends on the size of the window, as parts of an option.
  const fits = (chart, option) => beanftFitPanels(chart, option) ?? beanftFitLabels(chart, option) ?? {};

  function joined(option, parts) {
    const join = (one, part) => {
      const found = list(one).map((each, place) => ({ ...each, ...list(part)[place] }));
      return Array.isArray(one) ? found : found[0];
    };
    return { ...option, ...Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, join(option[name], part)])) };
  }

  // Draws a figure as it fits its window, in one go: all that is set later draws every mark again.
  function put(chart, option, parts = fits(chart, option), more = {}) {
    const whole = { ...beanftTips(coloured(joined(option, parts))), ...more };
    if (option.aspect) chart.setOption({ animation: false, grid: whole.grid, xAxis: whole.xAxis, yAxis: whole.yAxis }, true);
    chart.setOption(option.aspect ? joined(whole, beanftFitMap(chart, option)) : whole, true);
  }

  async function fetchFigure(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    const figure = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(`figure: ${answer.status}`), { sentence: figure.error ?? figure.detail });
    return figure;
  }

  // The conditions behind a mark, as (column, operator, value); null where it leads nowhere.
  function conditions({ links, option }, series, place, value) {
    const found = links.series[series];
    const panel = Math.min(list(option.series)[series].xAxisIndex ?? 0, links.axes.length - 1);
    if (found === "points") return point(links.axes[panel], links.exact, value);
    const places = Array.isArray(found) ? found[place] : null;
    return places?.length ? places.map((at) => links.filters[at]) : null;
  }

  // A point is its row: numbers that were rounded for the picture are asked for with what was cut off.
  function point(columns, exact, value) {
    return columns.map((column, place) => {
      const number = Number(value[place]);
      if (exact) return [column, "equals", String(number)];
      const half = Math.abs(number) * 5.1e-9 || 1e-300;
      return [column, "between", `${number - half}..${number + half}`];
    });
  }

  function extended(address, filters) {
    const url = new URL(address, location.href);
    for (const filter of filters) ["column", "operator", "value"].forEach((name, place) => url.searchParams.append(name, filter[place]));
    return url.href;
  }

  function follow(element, event) {
    const { links } = drawn.get(element);
    if (element.dataset.selecting || event.componentType !== "series") return;
    if (event.seriesType === "line" && Array.isArray(links.series[event.seriesIndex])) return; // see followLine
    const filters = conditions(drawn.get(element), event.seriesIndex, event.dataIndex, list(event.value));
    if (filters) go(element, filters, event.event?.event);
  }

  // A line is thin: the nearest point of the step that the tooltip names is meant, wherever the click fell.
  function followLine(element, event) {
    const { chart, option, links } = drawn.get(element);
    if (element.dataset.selecting || event.target?.type === "text") return;
    let best = { distance: Infinity };
    const below = {}; // where stacked areas stand, by their x
    list(option.series).forEach((series, place) => {
      if (series.type !== "line" || !Array.isArray(links.series[place])) return;
      if (!chart.containPixel({ gridIndex: series.xAxisIndex ?? 0 }, [event.offsetX, event.offsetY])) return;
      series.data.forEach((value, at) => {
        const [along, up] = value.value ?? value;
        if (up === null) return;
        const key = `${series.stack} ${along}`;
        const top = series.stack ? (below[key] = (below[key] ?? 0) + up) : up;
        const [x, y] = chart.convertToPixel({ seriesIndex: place }, [along, top]) ?? [];
        // Of stacked areas the one is meant that the click fell into: its upper edge is above.
        const under = series.stack && y > event.offsetY ? 1e4 : 0;
        const distance = 1e5 * Math.abs(x - event.offsetX) + under + Math.abs(y - event.offsetY);
        if (distance < best.distance) best = { distance, place, at, value };
      });
    });
    const filters = best.value && conditions(drawn.get(element), best.place, best.at, best.value);
    if (filters) go(element, filters, event.event);
  }

  // A finger must first see what it touched: it is offered the way, a mouse goes it.
  function go(element, filters, pointer) {
    const address = extended(element.dataset.rows, filters);
    if (pointer?.zrByTouch || pointer?.pointerType === "touch") element.dispatchEvent(new CustomEvent("beanft:touched", { bubbles: true, detail: { address, filters } }));
    else if (pointer?.ctrlKey || pointer?.metaKey) window.open(address, "_blank", "noopener");
    else location.assign(address);
  }

  const saveButtons = (element) => element.closest(".card")?.querySelectorAll("[data-save]") ?? [];

  // Every part moves down by some pixels, so that the title has room; shares of the height become pixels.
  function lowered(option, pixels, height) {
    const fixed = (length) => (String(length).endsWith("%") ? (parseFloat(length) / 100) * height : length);
    const lower = (one) => {
      const [top, bottom, tall] = [one.top, one.bottom, one.height].map(fixed);
      const below = top === undefined && bottom !== undefined; // it hangs from the bottom, which moves by itself
      return { ...one, ...(below ? {} : { top: Number.isFinite(top ?? 0) ? (top ?? 0) + pixels : top }), ...(bottom === undefined ? {} : { bottom }), ...(tall === undefined ? {} : { height: tall }) };
    };
    const parts = ["grid", "legend", "visualMap", "title"].filter((part) => option[part]);
    return { ...option, ...Object.fromEntries(parts.map((part) => [part, list(option[part]).map(lower)])) };
  }

  // An off-screen copy with the title above it, so that the file speaks for itself.
  function picture(element, renderer, width, titled) {
    const { option } = drawn.get(element);
    const title = { text: element.dataset.title ?? "", left: "center", top: 8, textStyle: { width: width - 48, overflow: "truncate" } };
    const shown = element.clientHeight || 320;
    const lower = titled ? lowered(option, 40, shown) : option;
    const height = shown + (titled ? 40 : 0);
    const holder = Object.assign(document.createElement("div"), { className: "chart" });
    const copy = echarts.init(holder, theme(), { renderer, width, height, devicePixelRatio: 2 });
    const more = { ...(titled ? { title: [title, ...list(lower.title)] } : {}), backgroundColor: css("--bs-body-bg") };
    put(copy, lower, beanftFitLabels(copy, lower) ?? {}, more);
    return copy;
  }

  function save(element, format) {
    const copy = picture(element, format === "svg" ? "svg" : "canvas", Math.max(element.clientWidth, 640), true);
    if (format === "svg") download(URL.createObjectURL(new Blob([copy.renderToSVGString()], { type: "image/svg+xml" })), "chart.svg");
    else download(copy.getDataURL({ type: "png", pixelRatio: 2 }), "chart.png");
    copy.dispose();
  }

  function download(href, name) {
    const link = Object.assign(document.createElement("a"), { href, download: name });
    link.click();
    if (href.startsWith("blob:")) URL.revokeObjectURL(href);
  }

  // Small pictures are drawn when they come into view, two at once: each is a question to the table, and the
  // server answers few at a time.
  const waiting = [];
  let atWork = 0;

  async function drawNext() {
    if (atWork >= 2 || !waiting.length) return;
    atWork += 1;
    await draw(waiting.shift());
    atWork -= 1;
    drawNext();
  }

  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      waiting.push(target);
      drawNext();
    }
  }, { rootMargin: "200px" });

  function drawAll() {
    for (const element of drawn.keys()) {
      if (!element.isConnected) forget(element);
    }
    for (const element of document.querySelectorAll(".chart[data-figure]")) {
      if ("small" in element.dataset && !drawn.has(element)) seen.observe(element);
      else draw(element);
    }
  }

  // For board.js and builder.js. draw(element): a promise that ends when the picture stands, or its error does.
  // svg(element, width): the SVG text of a drawn chart, without its title; "" where none is drawn.
  // extended(address, filters): an address with further conditions.
  window.beanftCharts = {
    draw,
    extended,
    svg(element, width) {
      if (!drawn.get(element)?.option) return "";
      const copy = picture(element, "svg", width, false);
      const text = copy.renderToSVGString();
      copy.dispose();
      return text;
    },
  };

  document.addEventListener("beanft:theme", () => {
    for (const { chart, option } of drawn.values()) {
      chart?.setTheme(theme());
      if (chart) put(chart, option);
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-save]");
    const element = button?.closest(".card").querySelector(".chart[data-figure]");
    if (element) save(element, button.dataset.save);
  });
  document.addEventListener("htmx:after:swap", drawAll);
  // Not before all scripts of the page have run: some listen to what is drawn.
  if (document.readyState === "complete") drawAll();
  else document.addEventListener("DOMContentLoaded", drawAll);
})();
