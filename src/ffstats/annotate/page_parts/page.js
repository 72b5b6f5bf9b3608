"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const main = document.querySelector("main");
  const panel = by("panel"), chain = by("chain"), find = by("find"), shown = by("shown");
  const marks = [...document.querySelectorAll(".mark")];
  const boxes = [...document.querySelectorAll("input[name=status]")];
  const search = new Map(marks.map((mark) => [mark, (mark.textContent + " " + mark.dataset.ids).toLowerCase()]));
  let current = null;

  document.documentElement.classList.add("scripted");

  const bare = (node) => {
    const copy = node.cloneNode(true);
    copy.removeAttribute("id");
    return copy;
  };

  const open = (mark, focus) => {
    if (current) current.removeAttribute("aria-current");
    current = mark;
    mark.setAttribute("aria-current", "true");
    const entry = by(mark.hash.slice(1));
    const ids = mark.dataset.ids.split(" ").filter(Boolean);
    const chains = ids.map((id) => by(id) || by("e-" + id)).filter(Boolean).map(bare);
    chain.replaceChildren(bare(entry), ...chains);
    chain.firstChild.classList.remove("off-entry");
    panel.hidden = false;
    main.classList.add("open");
    panel.scrollTop = 0;
    if (getComputedStyle(panel).position === "fixed") mark.scrollIntoView({ block: "start" });
    if (focus) panel.focus({ preventScroll: true });
  };

  const close = () => {
    if (panel.hidden) return;
    panel.hidden = true;
    main.classList.remove("open");
    chain.replaceChildren();
    if (current) {
      current.removeAttribute("aria-current");
      current.focus();
    }
  };

  const filter = () => {
    const on = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const words = find.value.trim().toLowerCase();
    let count = 0;
    for (const mark of marks) {
      const kept = on.has(mark.dataset.status) && (!words || search.get(mark).includes(words));
      count += kept;
      mark.classList.toggle("off", !kept);
      mark.tabIndex = kept ? 0 : -1;
      by(mark.hash.slice(1)).classList.toggle("off-entry", !kept);
    }
    shown.textContent = count === marks.length ? "" : count + " of " + marks.length + " shown";
  };

  const step = (way) => {
    const kept = marks.filter((mark) => !mark.classList.contains("off"));
    if (!kept.length) return;
    const at = kept.indexOf(document.activeElement.closest(".mark") || current);
    const next = kept[at < 0 ? (way > 0 ? 0 : kept.length - 1) : (at + way + kept.length) % kept.length];
    next.focus();
    next.scrollIntoView({ block: "center" });
    if (!panel.hidden) open(next, false);
  };

  document.addEventListener("click", (event) => {
    const mark = event.target.closest && event.target.closest(".mark");
    if (mark) {
      event.preventDefault();
      if (!mark.classList.contains("off")) open(mark, event.detail === 0);
    }
    const link = event.target.closest && event.target.closest("#chain a[data-chain]");
    if (link) {
      const at = [...chain.children].find((node) => node.querySelector("h3") && node.dataset.of === link.dataset.chain);
      event.preventDefault();
      if (at) at.scrollIntoView();
    }
    const back = event.target.closest && event.target.closest("#found .entry h3");
    if (back) {
      const target = by(back.parentNode.dataset.mark);
      target.focus();
      target.scrollIntoView({ block: "center" });
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (document.activeElement === find) find.blur();
      close();
      return;
    }
    if (event.target === find) return;
    if (event.key === "n" || event.key === "p") step(event.key === "n" ? 1 : -1);
    else if (event.key === "/") find.focus();
    else return;
    event.preventDefault();
  });

  by("close").addEventListener("click", close);
  by("filters").addEventListener("change", filter);
  by("filters").addEventListener("submit", (event) => event.preventDefault());
  find.addEventListener("input", filter);
  filter();
})();
