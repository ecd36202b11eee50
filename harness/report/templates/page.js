"use strict";
// Copying, sorting and filtering, for a page that is complete without them.
(() => {
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];

  // Figures as the page writes them, in one unit of each kind.
  const UNITS = {
    "µs": 1e-6, ms: 1e-3, s: 1, B: 1, kB: 1e3, MB: 1e6, GB: 1e9,
    "kB/s": 1e3, "MB/s": 1e6, "GB/s": 1e9, Mop: 1e6, Gop: 1e9, Top: 1e12,
    "Mop/s": 1e6, "Gop/s": 1e9, "Top/s": 1e12,
  };
  const FIGURE = /[-+−]?\d[\d\s\u00a0\u202f]*(?:\.\d+)?(?:e[-+]?\d+)?/i;

  function figure(text) {
    const found = FIGURE.exec(text);
    if (!found) return null;
    const number = Number(found[0].replace(/[\s\u00a0\u202f]/g, "").replace("−", "-"));
    const unit = text.slice(found.index + found[0].length).trim().split(/[\s,]/)[0];
    return number * (UNITS[unit] ?? 1);
  }

  function order(a, b, numbers) {
    if (!numbers) return a.localeCompare(b, undefined, { numeric: true });
    const [x, y] = [figure(a), figure(b)];
    return x === null || y === null ? (x === null) - (y === null) : x - y;
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const heads = all("thead th", table);
    const asWritten = [...body.rows];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const turn = { ascending: "descending", descending: "none" };
        const next = turn[head.ariaSort] ?? "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        let rows = asWritten;
        if (next !== "none") {
          head.ariaSort = next;
          const numbers = head.classList.contains("n");
          const text = (row) => row.cells[column].textContent.trim();
          const sign = next === "ascending" ? 1 : -1;
          rows = asWritten.toSorted((a, b) => sign * order(text(a), text(b), numbers));
        }
        body.append(...rows);
      });
    });
  }

  function filters(panel) {
    const section = panel.closest("section");
    const first = section.querySelector("ul.clips");
    const clips = all("ul.clips > li", section);
    const chosen = (name) => panel.querySelector(`[name=${name}]`).value;
    const orders = {
      errors: (clip) => -clip.dataset.errors,
      share: (clip) => -clip.dataset.errors / Math.max(clip.dataset.words, 1),
      length: (clip) => -clip.dataset.seconds,
    };
    function show() {
      const words = chosen("text").trim().toLowerCase();
      const kept = clips.filter((clip) =>
        ["set", "condition"].every((key) => ["", clip.dataset[key]].includes(chosen(key))) &&
        clip.dataset.kinds.split(" ").concat("").includes(chosen("kind")) &&
        clip.textContent.toLowerCase().includes(words));
      const by = orders[chosen("order")];
      const sorted = by ? kept.toSorted((a, b) => by(a) - by(b)) : kept;
      clips.forEach((clip) => { clip.hidden = true; });
      sorted.forEach((clip) => { clip.hidden = false; });
      first.append(...sorted);
      all("details.others", section).forEach((others) => { others.hidden = true; });
      panel.querySelector("output").value = `${kept.length} of ${clips.length} clips`;
    }
    panel.addEventListener("input", show);
    panel.hidden = false;
  }

  function copies(button) {
    const code = button.parentElement.querySelector("code");
    button.hidden = false;
    button.addEventListener("click", async () => {
      getSelection().selectAllChildren(code);
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        if (!document.execCommand("copy")) return; // it stays selected, to be copied by hand
      }
      button.firstChild.data = "Copied";
    });
  }

  all("button.copy").forEach(copies);
  all("main table").filter((table) => table.tBodies[0].rows.length > 2).forEach(sortable);
  all(".filters").forEach(filters);
})();
