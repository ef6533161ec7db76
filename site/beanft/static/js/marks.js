// The marks that ECharts lacks, registered by name for figures of plain JSON: renderItem "interval", "bin",
// "outlier" and so on. Loaded after ECharts and before chart.js.
"use strict";
(() => {
  // One drawing asks for the same few colours of the theme thousands of times.
  const known = new Map();
  function css(name) {
    if (!known.size) queueMicrotask(() => known.clear());
    if (!known.has(name)) known.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
    return known.get(name);
  }

  // Offset of one of several bars side by side from the middle of their category.
  function offset({ place, nPlaces }, api) {
    return nPlaces > 1 ? api.barLayout({ count: nPlaces, barMaxWidth: 64 })[place].offsetCenter : 0;
  }

  function interval(params, api) {
    const { flat, faint } = params.itemPayload;
    const ends = [api.value(1), api.value(2)].map((end) => api.coord(flat ? [end, api.value(0)] : [api.value(0), end]));
    const shift = flat ? 0 : offset(params.itemPayload, api);
    const [x1, x2] = ends.map(([x]) => x + shift);
    const [y1, y2] = ends.map(([, y]) => y);
    const style = faint
      ? { stroke: api.visual("color"), lineWidth: 1, opacity: 0.5, fill: null }
      : { stroke: css("--bs-body-color"), lineWidth: 1.5, fill: null };
    const line = (a, b, c, d) => ({ type: "line", shape: { x1: a, y1: b, x2: c, y2: d }, style });
    const cap = (x, y) => (flat ? line(x, y - 4, x, y + 4) : line(x - 4, y, x + 4, y));
    return { type: "group", children: [line(x1, y1, x2, y2), ...(faint ? [] : [cap(x1, y1), cap(x2, y2)])] };
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

  // A cell of a density, coloured by the scale; half a pixel more hides the seams between neighbours.
  function cell(params, api) {
    const [left, bottom] = api.coord([api.value(0), api.value(2)]);
    const [right, top] = api.coord([api.value(1), api.value(3)]);
    const shape = { x: left, y: top, width: Math.max(right - left, 1) + 0.5, height: Math.max(bottom - top, 1) + 0.5 };
    return { type: "rect", shape, style: { fill: api.visual("color") } };
  }

  // A trend with its band: x, value, low, high in each row, all drawn with the first one.
  function ribbon(params, api) {
    if (params.dataIndexInside) return null;
    const color = params.itemPayload.plain ? css("--bs-body-color") : api.visual("color");
    const places = Array.from({ length: params.dataInsideLength }, (_, place) => place);
    const line = (dimension) => places.map((place) => api.coord([api.value(0, place), api.value(dimension, place)]));
    const band = [...line(2), ...line(3).reverse()];
    return {
      type: "group",
      children: [
        { type: "polygon", shape: { points: band }, style: { fill: color, opacity: 0.2 } },
        { type: "polyline", shape: { points: line(1) }, style: { stroke: css("--bs-body-bg"), lineWidth: 4, opacity: 0.7, fill: null } },
        { type: "polyline", shape: { points: line(1) }, style: { stroke: color, lineWidth: 2, fill: null } },
      ],
    };
  }

  // A bubble whose area is the third number; the larger one lies below, whatever their series.
  function bubble(params, api) {
    const { largest, width } = params.itemPayload;
    const [x, y] = api.coord([api.value(0), api.value(1)]);
    const r = Math.max((largest > 0 ? Math.sqrt(api.value(2) / largest) : 0) * (width / 2), 2.5);
    const style = { fill: api.visual("color"), stroke: css("--bs-body-bg"), lineWidth: 1, opacity: 0.7 };
    return { type: "circle", shape: { cx: x, cy: y, r }, style, z2: Math.round(1000 - 10 * r) };
  }

  // Land of a map: closed lines of longitude and latitude in turn, lakes after the shores.
  function land(params, api) {
    const { lines, nShores } = params.itemPayload;
    const line = lines[params.dataIndex];
    const points = Array.from({ length: line.length / 2 }, (_, at) => api.coord([line[2 * at], line[2 * at + 1]]));
    const fill = css(params.dataIndex < nShores ? "--bs-secondary-bg" : "--bs-body-bg");
    return { type: "polygon", shape: { points }, style: { fill, stroke: css("--bs-border-color"), lineWidth: 1 } };
  }

  // A violin, mirrored: place, begin, three quartiles, end, rows; its shape (height, share of the width) and
  // inside it the box of the middle half with the median as a dot.
  function violin(params, api) {
    const shape = params.itemPayload.shapes[params.dataIndex];
    const half = Math.min(api.size([1, 0])[0] * 0.42, 70);
    const at = (value) => api.coord([api.value(0), value]);
    const [x, middle] = at(api.value(3));
    const [low, high] = [at(api.value(2))[1], at(api.value(4))[1]];
    const color = api.visual("color");
    const right = shape.map(([value, share]) => [x + share * half, at(value)[1]]);
    const left = shape.map(([value, share]) => [x - share * half, at(value)[1]]).reverse();
    const box = { x: x - 4, y: high, width: 8, height: Math.max(low - high, 1), r: 2 };
    return {
      type: "group",
      children: [
        { type: "polygon", shape: { points: [...right, ...left] }, style: { fill: color, stroke: color, lineWidth: 1, fillOpacity: 0.35 } },
        { type: "rect", shape: box, style: { fill: css("--bs-body-color"), opacity: 0.75 } },
        { type: "circle", shape: { cx: x, cy: middle, r: 3.5 }, style: { fill: css("--bs-body-bg"), stroke: css("--bs-body-color"), lineWidth: 1 } },
      ],
    };
  }

  // Lays small multiples out in as many columns as the window has room for: parts of an option, or null.
  window.beanftFitPanels = (chart, option) => {
    const element = chart.getDom();
    if (!option.panels || "small" in element.dataset) return null;
    const { across, rowHeight, top, head, height: tall } = option.panels;
    const columns = Math.max(1, Math.min(across, Math.floor(element.clientWidth / 270)));
    const width = element.clientWidth / columns;
    const height = `${top + Math.ceil(option.grid.length / columns) * rowHeight}px`;
    if (element.style.height !== height) {
      element.style.height = height;
      chart.resize();
    }
    const corner = (place) => ({ left: (place % columns) * width, top: top + Math.floor(place / columns) * rowHeight });
    const grid = option.grid.map((_, place) => ({ left: corner(place).left + 50, top: corner(place).top + head, width: width - 66, height: tall }));
    const title = option.title.map((_, place) => (place ? { left: corner(place - 1).left + 8, top: corner(place - 1).top } : {}));
    return { grid, title };
  };

  // Widens the view of a map to the shape of its window, so that a degree is equally long in both directions:
  // parts of an option, measured on the axes of the chart.
  window.beanftFitMap = (chart, option) => {
    const { xAxis, yAxis } = chart.getOption();
    const ends = [[xAxis[0].min, yAxis[0].min], [xAxis[0].max, yAxis[0].max]].map((end) => chart.convertToPixel({ gridIndex: 0 }, end));
    const [width, height] = [Math.abs(ends[1][0] - ends[0][0]), Math.abs(ends[1][1] - ends[0][1])];
    if (!width || !height) return {}; // it is hidden: measured again once it is seen
    const wanted = [option.xAxis, option.yAxis].flat();
    const each = Math.max(((wanted[0].max - wanted[0].min) * option.aspect) / width, (wanted[1].max - wanted[1].min) / height);
    const around = ({ min, max }, length) => ({ min: (min + max - length) / 2, max: (min + max + length) / 2 });
    return { xAxis: around(wanted[0], (each * width) / option.aspect), yAxis: around(wanted[1], each * height) };
  };

  // Names along the horizontal axis: upright where they have room, else slanted, so that none is left out.
  // Parts of an option, or null.
  window.beanftFitLabels = (chart, option) => {
    const axis = option.xAxis;
    const label = axis?.axisLabel;
    if (axis?.type !== "category" || label?.rotate === 0 || Array.isArray(option.grid) || "small" in chart.getDom().dataset) return null;
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const width = (text) => Math.min(pen.measureText(text).width, 165);
    const lines = axis.data.slice(0, (axis.max ?? axis.data.length - 1) + 1).map((text) => String(text).split("\n"));
    const widest = Math.max(...lines.flat().map(width));
    const band = (chart.getWidth() - option.grid.left - option.grid.right) / lines.length;
    const upright = widest + 8 <= 1.15 * band; // a little is cut off rather than all slanted
    const [turn, most] = band >= 24 ? [40, 165] : [60, 110]; // steep names need less room side by side
    const below = upright ? 15 * Math.max(...lines.map((one) => one.length)) : Math.min(Math.max(...lines.map((one) => width(cut(one)) + 6)), most) * Math.sin((turn * Math.PI) / 180) + 10;
    const every = band >= 14 ? { interval: 0, hideOverlap: false } : { interval: "auto", hideOverlap: true };
    const formatter = (text) => (upright ? text : cut(text.split("\n")));
    const gap = Math.round(below + 18);
    return {
      grid: { bottom: gap + 24 },
      xAxis: { nameGap: gap, nameMoveOverlap: false, axisLabel: { ...label, ...(upright ? { interval: 0, hideOverlap: false } : every), formatter, lineHeight: 16, rotate: upright ? 0 : turn, width: upright ? Math.min(165, band - 6) : most } },
    };
  };

  // On a slanted line the number of rows stands behind the name, which makes room for it.
  function cut([name, ...rest]) {
    if (!rest.length) return name;
    return `${name.length > 12 ? `${name.slice(0, 11)}…` : name}, ${rest.join(", ")}`;
  }

  // What marks say: lines of text after the parts that their series name (see figures/tips.py).
  const list = (part) => (part === undefined ? [] : [part].flat());
  // Braces would begin a style of rich text, whose end would swallow what a user wrote.
  const safe = (text) => String(text).replaceAll("{", "{\u200b");

  // Four digits, as the sentences below the picture.
  function number(value) {
    if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString("en");
    const size = Math.abs(value);
    if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toPrecision(4).replace(/\.?0+e/, "e");
    if (size >= 1000) return value.toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    return value.toLocaleString("en", { maximumSignificantDigits: 4 });
  }

  const year = (value) => (Number.isInteger(value) && value >= 1000 && value < 3000 ? String(value) : number(value));
  const percent = (value) => `${value > 0 && value < 0.1 ? "< 0.1" : number(Math.round(value * 10) / 10)} %`;

  function written(way, row, place, names) {
    const value = row[place];
    if (value === null || value === undefined || value === "") return null;
    if (way === "x" || way === "y") return names[way][value]?.value ?? names[way][value];
    if (way === "text") return value;
    if (way === "range" || way === "years") {
      if (row[place + 1] === null || row[place + 1] === undefined) return null;
      const write = way === "years" ? year : number;
      return `${write(value)} to ${write(row[place + 1])}`;
    }
    if (way === "percent") return percent(value);
    if (way === "share") return percent(100 * value);
    return way === "year" ? year(value) : number(value);
  }

  function lines(option, { seriesIndex, dataIndex, value }) {
    const series = list(option.series)[seriesIndex];
    const item = series.data[dataIndex];
    const drawn = list(item?.value ?? item ?? value);
    const row = [...drawn, ...(series.tip.more[dataIndex] ?? [])];
    const names = { x: list(option.xAxis)[series.xAxisIndex ?? 0]?.names ?? list(option.xAxis)[series.xAxisIndex ?? 0]?.data ?? [], y: list(option.yAxis)[series.yAxisIndex ?? 0]?.data ?? [] };
    return series.tip.parts.flatMap(([head, place, way]) => {
      const text = written(way, row, place, names);
      return text === null || text === undefined ? [] : [{ head: safe(head), text: safe(String(text).replaceAll("\n", ", ")) }];
    });
  }

  const whole = ({ head, text }) => (head ? `${head}: ${text}` : text);

  // One mark after the other; what they have in common, along an axis, is said once.
  function told(option, found) {
    const marks = found.filter(({ seriesIndex }) => list(option.series)[seriesIndex]?.tip);
    const several = new Set(list(option.series).filter((one) => one.tip).map((one) => one.name)).size > 1;
    const said = [];
    let before = "";
    for (const mark of marks) {
      const [first, ...own] = lines(option, mark);
      if (!first || !own.length) continue;
      const name = several && !own.some(({ head }) => head === safe(mark.seriesName)) ? `${mark.marker ?? ""}${safe(mark.seriesName)}` : "";
      if (whole(first) !== before) said.push(whole(first));
      before = whole(first);
      if (name && marks.length > 1) said.push(`${name}: ${[own[0].text, ...own.slice(1).map(whole)].join(", ")}`);
      else said.push(...(name ? [name] : []), ...own.map(whole));
    }
    return said.join("\n");
  }

  // Years are no amounts: "1980", not "1,980".
  const dated = (axis) => (axis.years ? { ...axis, axisLabel: { ...axis.axisLabel, formatter: (value) => (Number.isInteger(value) ? String(value) : "") } } : axis);

  // The figure with functions: for years along its axes, and for tooltips where its series have something to say.
  window.beanftTips = (figure) => {
    const axes = ["xAxis", "yAxis"].filter((name) => figure[name]);
    const option = { ...figure, ...Object.fromEntries(axes.map((name) => [name, Array.isArray(figure[name]) ? figure[name].map(dated) : dated(figure[name])])) };
    if (!list(option.series).some((one) => one.tip) || option.tooltip?.show === false) return option;
    const formatter = (found) => told(option, list(found)) || undefined;
    return { ...option, tooltip: { ...option.tooltip, formatter } };
  };

  for (const [name, draw] of Object.entries({ interval, bin, outlier, cell, ribbon, bubble, land, violin })) echarts.registerCustomSeries(name, draw);
})();
