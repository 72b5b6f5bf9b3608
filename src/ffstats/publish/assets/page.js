"use strict";
(() => {
  const root = document.documentElement;
  const by = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, text = "", attributes = {}) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const shape = (tag, attributes) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
    return made;
  };
  const plain = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/(\d)[,\u202f\u00a0](?=\d{3})/g, "$1");
  root.classList.add("js");

  // Contents: open beside the text, closed above it; the section in view is marked.
  const contents = document.querySelector(".contents details");
  const narrow = matchMedia("(max-width: 60rem)");
  const fold = () => { contents.open = !narrow.matches; };
  fold();
  narrow.addEventListener("change", fold);
  contents.addEventListener("click", (event) => { if (event.target.closest("a") && narrow.matches) contents.open = false; });
  const entries = new Map(all(".contents a").map((link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver((seen) => {
    for (const item of seen) if (item.isIntersecting) {
      for (const link of entries.values()) link.removeAttribute("aria-current");
      entries.get(item.target.id)?.setAttribute("aria-current", "true");
    }
  }, { rootMargin: "-10% 0px -80% 0px" });
  all("main > section").forEach((section) => watch.observe(section));

  // The ledger: search, filters, order.
  const form = document.querySelector(".ledger form");
  const box = by("cards");
  const cards = all(".card", box).map((card) => ({ card, text: "" }));
  const words = (item) => (item.text ||= plain(item.card.textContent.replace(/\s+/g, " ")));
  const filter = () => {
    const wanted = new FormData(form);
    const parts = plain(wanted.get("query")).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const item of cards) {
      const { text, verdict, flags } = item.card.dataset;
      const fits = (!wanted.get("text") || wanted.get("text") === text)
        && (!wanted.get("verdict") || wanted.get("verdict") === verdict)
        && (!wanted.get("flag") || flags.split(" ").includes(wanted.get("flag")))
        && parts.every((part) => words(item).includes(part));
      if (item.card.hidden === fits) item.card.hidden = !fits;
      found += fits;
    }
    by("ledger-found").textContent = `${found} of ${cards.length} statements`;
  };
  const keys = {
    rank: (card) => Number(card.dataset.rank),
    id: (card) => Number(card.id.slice(1)),
    size: (card) => -(Number(card.dataset.size) || 0),
  };
  const order = () => {
    const key = keys[by("ledger-order").value];
    cards.sort((a, b) => key(a.card) - key(b.card) || Number(a.card.dataset.rank) - Number(b.card.dataset.rank));
    // What is moved loses the focus, so nothing is moved that stands where it should.
    if (cards.some((item, at) => box.children[at] !== item.card)) box.append(...cards.map((item) => item.card));
  };
  form.addEventListener("input", (event) => { if (event.target.name === "order") order(); filter(); });
  form.addEventListener("reset", () => setTimeout(() => { order(); filter(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  all("a[data-verdict]").forEach((link) => link.addEventListener("click", () => {
    form.reset();
    form.elements.verdict.value = link.dataset.verdict;
    setTimeout(filter);
  }));

  // An address with # opens what it names, whatever is filtered or folded away.
  const reveal = () => {
    let id;
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && by(id);
    if (!target) return;
    if (target.matches(".card")) {
      if (target.hidden) { form.reset(); order(); filter(); }
      const chain = target.querySelector("details");
      if (chain) chain.open = true;
    }
    for (let up = target; up; up = up.parentElement) if (up.matches("details")) up.open = true;
    target.scrollIntoView({ behavior: "instant", block: "start" });
    if (target.matches(".card, .source, tr, figure")) { target.tabIndex = -1; target.focus({ preventScroll: true }); }
  };
  addEventListener("hashchange", reveal);
  // While the page is still growing (typefaces, what is drawn below), what the address names stays in view;
  // it is the reader's again with the first key, wheel or touch.
  const settling = new ResizeObserver(reveal);
  const settled = () => settling.disconnect();
  for (const moved of ["keydown", "pointerdown", "wheel", "touchstart"]) addEventListener(moved, settled, { once: true, passive: true });
  addEventListener("load", () => setTimeout(() => { reveal(); settled(); }, 300));
  settling.observe(document.body);
  reveal();

  // Figures: the drawn picture stands until a reader asks for values; only then is Vega read.
  let vega = null;
  const loadVega = () => (vega ||= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.textContent = by("vega-source").textContent;
    document.head.append(script);
    window.vegaEmbed ? done(window.vegaEmbed) : failed(new Error("Vega did not start"));
  }));
  const decoded = (address) => new TextDecoder().decode(Uint8Array.from(atob(address.split(",")[1]), (c) => c.charCodeAt(0)));
  const tip = make("div", "", { id: "chart-tip", role: "presentation" });
  tip.hidden = true;
  document.body.append(tip);
  const point = (handler, event, item) => {
    const datum = item?.datum?.properties ?? item?.datum;
    tip.hidden = !datum?.about;
    if (tip.hidden) return;
    const lines = [...(datum.value ? [`Value: ${datum.value}`] : []), ...datum.about.split("|")];
    tip.replaceChildren(...(datum.label ? [make("b", String(datum.label))] : []), ...lines.map((line) => make("div", line)));
    const { pageX, pageY } = event;
    tip.style.left = `${Math.max(scrollX + 4, Math.min(pageX + 14, scrollX + root.clientWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${pageY + 16}px`;
  };
  // Vega's interpreter, which needs no eval, reads datetime(milliseconds) as a year: dates on an axis are said otherwise.
  const dated = (node) => {
    if (Array.isArray(node)) node.forEach(dated);
    else if (node && typeof node === "object") {
      if (node.type === "temporal" && Array.isArray(node.axis?.values) && node.axis.values.every(Number.isFinite)) {
        node.axis.values = { expr: `[${node.axis.values.map((value) => `toDate(${value})`).join(",")}]` };
      }
      for (const [name, value] of Object.entries(node)) if (name !== "datasets") dated(value);
    }
    return node;
  };
  const embedded = async (figure) => {
    const [still, live] = [".static", ".live"].map((selector) => figure.querySelector(selector));
    const embed = await loadVega();
    const specification = dated(JSON.parse(decoded(figure.querySelector("[data-spec]").href)));
    live.hidden = false;
    const made = await embed(live, specification, {
      ast: true, renderer: "svg", actions: false, defaultStyle: false, tooltip: point,
      config: { mark: { tooltip: { content: "data" } } },
    });
    const drawn = live.querySelector("svg");
    drawn.setAttribute("viewBox", drawn.getAttribute("viewBox") || `0 0 ${drawn.getAttribute("width")} ${drawn.getAttribute("height")}`);
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", still.getAttribute("aria-label"));
    live.vegaView = made.view;
  };
  const making = new Map();
  const enliven = async (figure, on) => {
    figure.dataset.values = on ? "on" : "off";
    if (on && !making.has(figure)) making.set(figure, embedded(figure));
    await making.get(figure);
    const [still, live] = [".static", ".live"].map((selector) => figure.querySelector(selector));
    live.hidden = figure.dataset.values !== "on";
    still.hidden = !live.hidden;
    tip.hidden = true;
  };
  all(".live-button").forEach((button) => {
    const figure = button.closest("figure");
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") === "false";
      button.setAttribute("aria-pressed", String(on));
      enliven(figure, on);
    });
    // The way to the button leads over the drawing: values that pointing has turned on stay on when it is pressed.
    figure.querySelector(".canvas").addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse" && !figure.dataset.values) enliven(figure, true);
    });
  });

  // What is wider than its box says so.
  const wide = new ResizeObserver((seen) => seen.forEach(({ target }) => {
    target.previousElementSibling.hidden = target.scrollWidth <= target.clientWidth + 1;
  }));
  all(".scroll").forEach((scrolled) => {
    if (!scrolled.previousElementSibling?.matches(".sideways")) {
      scrolled.before(make("p", "Wider than the page: move it sideways.", { class: "sideways", "aria-hidden": "true" }));
    }
    wide.observe(scrolled);
  });

  // The country explorer.
  const data = JSON.parse(by("explorer-data").textContent);
  const column = Object.fromEntries(data.columns.map((name, at) => [name, at]));
  const readingColumn = Object.fromEntries(data.reading_columns.map((name, at) => [name, at]));
  const placeOf = new Map(data.places);
  const codeOf = new Map(data.places.map(([code, name]) => [plain(name), code]));
  const sourceOf = new Map(data.sources.map(([id, short]) => [id, short]));
  const seenOf = { primary: "its own page", reprint: "reprint", press: "press", missing: "not seen" };
  let chosen = ["GBR", "FRA", "DEU", "TUN"].filter((code) => placeOf.has(code));
  by("explorer-places").append(...data.places.map(([, name]) => make("option", "", { value: name })));
  by("explorer-status").append(...data.statuses.map(([status, count]) => make("option", `${status.replace(/_/g, " ")} (${count})`, { value: status })));
  by("explorer-status").value = "travelled";
  by("explorer-sources").append(...data.sources.map(([id, short]) => {
    const label = make("label");
    const tick = make("input", "", { type: "checkbox", name: "source", value: id });
    tick.checked = true;
    label.append(tick, short);
    return label;
  }));
  const shown = () => {
    const ticked = new Set(all("#explorer-sources input:checked").map((tick) => tick.value));
    const status = by("explorer-status").value;
    const seen = by("explorer-seen").value;
    const rank = new Map(chosen.map((code, at) => [code, at]));
    return data.estimates
      .filter((row) => rank.has(row[column.iso3]) && row[column.status] === status && ticked.has(row[column.source_id]) && (!seen || row[column.seen_kind] === seen))
      .sort((a, b) => rank.get(a[column.iso3]) - rank.get(b[column.iso3]) || String(a[column.as_of]).localeCompare(String(b[column.as_of])));
  };
  const WIDTH = 176;
  const lens = (row, x, most) => {
    const drawn = shape("svg", { class: "lens", viewBox: `0 0 ${WIDTH} 20`, role: "img", "aria-label": row[column.words] });
    for (let tick = 10; tick <= most; tick *= 10) drawn.append(shape("line", { class: "grid", x1: x(tick), x2: x(tick), y1: 0, y2: 20 }));
    const [low, high, best] = [row[column.low], row[column.high], row[column.best]];
    if (low !== null && high !== null) {
      if (low !== high) drawn.append(shape("line", { x1: x(low), x2: x(high), y1: 10, y2: 10 }));
      const at = best ?? (low === high ? low : null);
      if (at !== null) drawn.append(shape("circle", { cx: x(at), cy: 10, r: 4 }));
      else for (const end of [low, high]) drawn.append(shape("line", { x1: x(end), x2: x(end), y1: 6, y2: 14 }));
    } else if (low !== null || high !== null) {
      const [from, way] = low !== null ? [x(low), 1] : [x(high), -1];
      const to = Math.max(4, Math.min(WIDTH - 4, from + way * 28));
      drawn.append(shape("line", { x1: from, x2: from, y1: 5, y2: 15 }), shape("line", { x1: from, x2: to, y1: 10, y2: 10 }),
        shape("path", { d: `M${to - way * 5},5 L${to},10 L${to - way * 5},15` }));
    }
    return drawn;
  };
  const cell = (text) => make("td", text === null || text === undefined ? "" : String(text).replace(/_/g, " "));
  const readingLine = (row) => {
    const get = (name) => row[readingColumn[name]];
    const line = make("li");
    const where = make("span", get("locator"), { class: "quiet" });
    if (get("locator") && get("seen_at")) where.append("; ");
    if (/^https?:\/\/\S+$/.test(get("seen_at"))) where.append(make("a", get("seen_at"), { href: get("seen_at"), rel: "noopener noreferrer" }));
    else where.append(get("seen_at") || "");
    line.append(make("q", get("printed") || "nothing seen"), ` (${[get("language"), seenOf[get("seen_kind")] || get("seen_kind"), get("agreement")].filter(Boolean).join(", ")}) `,
      where, get("copy_of") ? ` copies ${get("copy_of")}` : "", get("note") ? ` ${get("note")}` : "");
    return line;
  };
  const draw = () => {
    const rows = shown();
    const most = Math.max(100, ...rows.flatMap((row) => [row[column.low], row[column.high]]).filter((value) => value !== null));
    const x = (value) => 6 + (WIDTH - 12) * Math.log10(Math.max(value, 1)) / Math.log10(most);
    const body = by("explorer-table").tBodies[0];
    const made = [];
    let before = "";
    rows.forEach((row, number) => {
      const line = make("tr");
      const head = make("th", row[column.iso3] === before ? "" : placeOf.get(row[column.iso3]), { scope: "row" });
      if (row[column.iso3] !== before) line.className = "group";
      else head.append(make("span", placeOf.get(row[column.iso3]), { class: "sr" }));
      before = row[column.iso3];
      const source = make("td");
      source.append(make("a", sourceOf.get(row[column.source_id]), { href: `#source-${row[column.source_id]}` }));
      const estimate = cell(row[column.words]);
      if (row[column.seen_kind] === "missing") estimate.className = "missing";
      const picture = make("td", "", { class: "lens" });
      picture.append(lens(row, x, most));
      const behind = make("td");
      const count = row[column.readings].length;
      const open = make("button", `${count} ${count === 1 ? "reading" : "readings"}`, { type: "button", "aria-expanded": "false", "aria-controls": `readings-${number}` });
      open.append(make("span", ` of ${placeOf.get(row[column.iso3])}, ${sourceOf.get(row[column.source_id])}`, { class: "sr" }));
      if (count) behind.append(open);
      else behind.append(make("span", row[column.look_in] || "no reading", { class: "missing" }));
      line.append(head, source, cell(row[column.who]), cell(row[column.as_of]), estimate, picture, cell(seenOf[row[column.seen_kind]] || row[column.seen_kind]), behind);
      const more = make("tr", "", { class: "readings", id: `readings-${number}` });
      more.hidden = true;
      const inside = make("td", "", { colspan: "8" });
      open.addEventListener("click", () => {
        if (!inside.childElementCount) {
          const list = make("ul");
          list.append(...row[column.readings].map((at) => readingLine(data.readings[at])));
          inside.append(make("div", `${row[column.n_witnesses]} ${row[column.n_witnesses] === 1 ? "witness" : "witnesses"}, ${row[column.n_independent]} independent. ${row[column.dissent] ? `Dissent: ${row[column.dissent]}.` : "No dissent."}`), list, make("code", row[column.estimate_id]));
        }
        more.hidden = !more.hidden;
        open.setAttribute("aria-expanded", String(!more.hidden));
      });
      more.append(inside);
      made.push(line, more);
    });
    body.replaceChildren(...made);
    const without = chosen.filter((code) => !rows.some((row) => row[column.iso3] === code)).map((code) => placeOf.get(code));
    by("explorer-found").textContent = `${rows.length} ${rows.length === 1 ? "estimate" : "estimates"}${without.length ? `; none held for ${without.join(", ")}` : ""}`;
    const axis = shape("svg", { viewBox: `0 0 ${WIDTH} 14`, "aria-hidden": "true" });
    for (let tick = 1; tick <= most; tick *= 10) {
      const text = shape("text", { x: Math.max(4, Math.min(x(tick), WIDTH - 14)), y: 12 });
      text.textContent = tick.toLocaleString("en");
      axis.append(text);
    }
    by("explorer-axis").replaceChildren(axis);
    by("explorer-chosen").replaceChildren(...chosen.map((code) => {
      const item = make("li");
      const drop = make("button", `${placeOf.get(code)} ×`, { type: "button", "aria-label": `Remove ${placeOf.get(code)}` });
      drop.addEventListener("click", () => { chosen = chosen.filter((other) => other !== code); draw(); by("explorer-place").focus(); });
      item.append(drop);
      return item;
    }));
  };
  const place = by("explorer-place");
  const add = () => {
    const code = codeOf.get(plain(place.value.trim()));
    if (!code) {
      if (place.value.trim()) by("explorer-found").textContent = `No estimate of ${place.value.trim()} is held; choose a name from the list.`;
      return;
    }
    if (!chosen.includes(code)) chosen.push(code);
    place.value = "";
    draw();
  };
  place.addEventListener("input", (event) => { if (event.inputType === undefined || event.inputType === "insertReplacementText") add(); });
  place.addEventListener("change", add);
  const explorer = document.querySelector(".explorer form");
  explorer.addEventListener("submit", (event) => { event.preventDefault(); add(); });
  explorer.addEventListener("change", (event) => { if (event.target !== place) draw(); });
  by("explorer-download").addEventListener("click", () => {
    const names = data.columns.slice(0, -1);
    const quoted = (value) => /[",\n]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value;
    const lines = [names, ...shown().map((row) => names.map((name) => row[column[name]]))].map((row) => row.map((value) => quoted(String(value ?? ""))).join(","));
    const link = make("a", "", { download: "estimates.csv", href: URL.createObjectURL(new Blob([`${lines.join("\n")}\n`], { type: "text/csv" })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  });
  draw();
})();
