(function () {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;
  const items = [...document.querySelectorAll(".item")];
  const exchanges = items.filter((item) => item.classList.contains("exchange"));
  const findings = items.filter((item) => item.classList.contains("finding"));
  const lives = [...document.querySelectorAll(".life")];
  const boxes = [...document.querySelectorAll("input[name=severity]")];
  const selects = ["kind", "life", "rule"].map($);
  const filter = $("filter");
  const search = $("q");
  const words = (text) => (text || "").split(" ").filter(Boolean);
  let at = "";

  // ---- what is shown ----
  const texts = new WeakMap();
  function textOf(item) {
    let text = texts.get(item);
    if (text === undefined) {
      text = item.textContent.toLowerCase();
      texts.set(item, text);
    }
    return text;
  }
  function wanted() {
    return {
      q: search.value.trim(),
      severity: boxes.filter((box) => box.checked).map((box) => box.value),
      kind: $("kind").value,
      life: $("life").value,
      rule: $("rule").value,
    };
  }
  function fits(item, want) {
    const data = item.dataset;
    if (want.severity.length && !words(data.severity).some((one) => want.severity.includes(one))) return false;
    if (want.kind && !words(data.kind).includes(want.kind)) return false;
    if (want.life && data.life !== want.life) return false;
    if (want.rule && !words(data.rules).includes(want.rule)) return false;
    return !want.q || textOf(item).includes(want.q.toLowerCase());
  }
  function apply() {
    const want = wanted();
    for (const item of items) item.hidden = !fits(item, want);
    for (const life of lives) life.hidden = Boolean(want.life) && life.dataset.life !== want.life;
    const shown = (list) => list.filter((item) => !item.hidden).length;
    for (const list of [findings, exchanges]) {
      const section = list.length ? list[0].closest("section") : null;
      if (section) section.querySelector(".nothing").hidden = shown(list) > 0;
    }
    for (const name of document.querySelectorAll("h3.capture")) {
      let next = name.nextElementSibling;
      while (next && next.hidden) next = next.nextElementSibling;
      name.hidden = !next || !next.classList.contains("exchange");
    }
    $("count").value = `${shown(findings)} of ${findings.length} findings, ${shown(exchanges)} of ${exchanges.length} exchanges`;
    highlight(want.q);
  }
  function isFiltered() {
    const want = wanted();
    return Boolean(want.q || want.severity.length || want.kind || want.life || want.rule);
  }

  // ---- highlighting: ranges, so that the captured text stays as it is ----
  const MOST_RANGES = 3000;
  function highlight(q) {
    if (!window.CSS || !CSS.highlights || typeof Highlight === "undefined") return;
    CSS.highlights.delete("search");
    if (!q) return;
    const needle = q.toLowerCase();
    const ranges = [];
    for (const item of items) {
      if (item.hidden || ranges.length >= MOST_RANGES) continue;
      const walker = document.createTreeWalker(item, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node && ranges.length < MOST_RANGES; node = walker.nextNode()) {
        const text = node.data.toLowerCase();
        if (text.length !== node.data.length) continue;
        for (let from = text.indexOf(needle); from >= 0; from = text.indexOf(needle, from + needle.length)) {
          const range = document.createRange();
          range.setStart(node, from);
          range.setEnd(node, from + needle.length);
          ranges.push(range);
        }
      }
    }
    if (ranges.length) CSS.highlights.set("search", new Highlight(...ranges));
  }

  // ---- the state is in the address ----
  function save(push) {
    const want = wanted();
    const state = new URLSearchParams();
    for (const name of ["q", "kind", "life", "rule"]) if (want[name]) state.set(name, want[name]);
    if (want.severity.length) state.set("severity", want.severity.join(","));
    if (at) state.set("at", at);
    const text = state.toString();
    const hash = text ? `#${text}` : " ";
    if (text === location.hash.slice(1)) return;
    try {
      if (push) history.pushState(null, "", text ? hash : location.pathname + location.search);
      else history.replaceState(null, "", text ? hash : location.pathname + location.search);
    } catch (error) {
      if (text) location.hash = text;
    }
  }
  function load() {
    const text = location.hash.slice(1);
    const isAnchor = text && !text.includes("=");
    const state = new URLSearchParams(isAnchor ? "" : text);
    if (!isAnchor) {
      search.value = state.get("q") || "";
      const severities = (state.get("severity") || "").split(",");
      for (const box of boxes) box.checked = severities.includes(box.value);
      for (const select of selects) {
        const value = state.get(select.id) || "";
        select.value = [...select.options].some((option) => option.value === value) ? value : "";
      }
    }
    at = isAnchor ? text : state.get("at") || "";
    apply();
    if (at) show($(at));
  }
  function show(element) {
    if (!element) return false;
    if (element.hidden) clear();
    for (let part = element; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
    const summary = element.tagName === "DETAILS" ? element.querySelector("summary") : null;
    if (summary) summary.focus({ preventScroll: true });
    element.scrollIntoView({ block: "start" });
    for (const old of document.querySelectorAll(".target")) old.classList.remove("target");
    element.classList.add("target");
    return true;
  }
  function clear() {
    filter.reset();
    apply();
  }

  filter.addEventListener("submit", (event) => event.preventDefault());
  $("clear").addEventListener("click", () => { at = ""; clear(); save(false); });
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { apply(); save(false); }, 120);
  });
  for (const control of [...boxes, ...selects]) control.addEventListener("change", () => { apply(); save(false); });
  window.addEventListener("hashchange", load);
  window.addEventListener("popstate", load);
  document.addEventListener("click", (event) => {
    const link = event.target.closest ? event.target.closest("a[href]") : null;
    const href = link ? link.getAttribute("href") || "" : "";
    if (!href.startsWith("#") || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const target = $(href.slice(1));
    if (!target) return;
    event.preventDefault();
    at = href.slice(1);
    show(target);
    save(true);
  });

  // ---- copying ----
  let said = 0;
  function say(text) {
    $("said").textContent = text;
    clearTimeout(said);
    said = setTimeout(() => { $("said").textContent = ""; }, 4000);
  }
  function copyBySelection(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "offscreen";
    area.setAttribute("aria-hidden", "true");
    document.body.append(area);
    area.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch (error) { done = false; }
    area.remove();
    return done;
  }
  function letSelect(source) {
    source.hidden = false;
    getSelection().selectAllChildren(source);
    say("Press Ctrl+C (or \u2318C) to copy");
  }
  async function copy(source, button) {
    const text = source.textContent;
    let done = false;
    if (navigator.clipboard && navigator.clipboard.writeText) {
      try { await navigator.clipboard.writeText(text); done = true; } catch (error) { done = false; }
    }
    done = done || copyBySelection(text);
    button.focus();
    if (done) say("Copied as Markdown");
    else letSelect(source);
  }
  for (const button of document.querySelectorAll("button.copy")) {
    button.addEventListener("click", () => copy($(button.dataset.copy), button));
  }

  // ---- colours ----
  const THEMES = ["auto", "light", "dark"];
  function theme(next) {
    if (next === "auto") delete root.dataset.theme;
    else root.dataset.theme = next;
    try { localStorage.setItem("mdmproxy-theme", next); } catch (error) { /* see early.js */ }
    nameTheme();
  }
  function nameTheme() {
    const now = root.dataset.theme || "auto";
    $("theme").querySelector("span").textContent = now;
    $("theme").setAttribute("aria-label", `Colours: ${now}`);
  }
  const nextTheme = () => theme(THEMES[(THEMES.indexOf(root.dataset.theme || "auto") + 1) % THEMES.length]);
  $("theme").addEventListener("click", nextTheme);
  nameTheme();

  // ---- keys ----
  const help = $("help");
  $("keys").addEventListener("click", () => help.showModal());
  const summaryOf = (item) => item.querySelector("summary");
  function move(list, step) {
    const shown = list.filter((item) => !item.hidden);
    if (!shown.length) return;
    const here = document.activeElement && document.activeElement.closest ? document.activeElement.closest(".item") : null;
    let next = shown.indexOf(here) + step;
    if (shown.indexOf(here) < 0) {
      next = shown.findIndex((item) => item.getBoundingClientRect().bottom > 0 && item.getBoundingClientRect().top >= 0);
      if (next < 0) next = 0;
    }
    next = Math.min(Math.max(next, 0), shown.length - 1);
    summaryOf(shown[next]).focus({ preventScroll: true });
    shown[next].scrollIntoView({ block: "nearest" });
  }
  function openAll() {
    const shown = exchanges.filter((item) => !item.hidden);
    const open = shown.some((item) => !item.open);
    for (const item of shown) item.open = open;
  }
  const KEYS = {
    "/": () => { search.focus(); search.select(); },
    j: () => move(items, 1),
    k: () => move(items, -1),
    f: () => move(findings, 1),
    e: openAll,
    t: nextTheme,
    "?": () => help.showModal(),
    Escape: () => { if (isFiltered()) { clear(); at = ""; save(false); } },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const inField = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (inField) {
      if (event.key === "Escape") { event.preventDefault(); event.target.blur(); }
      if (event.key === "Enter" && event.target === search) { event.preventDefault(); apply(); save(false); search.blur(); move(items.filter((item) => !item.hidden), 1); }
      return;
    }
    const act = KEYS[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  // ---- printing: what is shown, opened ----
  let opened = [];
  window.addEventListener("beforeprint", () => {
    const closed = [...document.querySelectorAll("details:not([open])")].filter((part) => !part.hidden);
    for (const part of closed) part.open = true;
    opened.push(...closed);
  });
  window.addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
    opened = [];
  });

  load();
})();
