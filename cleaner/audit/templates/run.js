"use strict";
(() => {
  const one = (query) => document.querySelector(query);
  const all = (query, inside = document) => Array.from(inside.querySelectorAll(query));
  const words = one("#words");
  const chosen = [["#class", "c"], ["#rule", "r"], ["#source", "s"], ["#list", "l"]].map(([id, key]) => [one(id), key]);
  const items = all(".item").map((node) => ({ node, rule: node.classList.contains("rule"), text: null }));
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const textOf = (item) => (item.text ??= fold(item.node.textContent));
  const total = (rule) => items.filter((item) => item.rule === rule).length;
  const totals = [total(true), total(false)];

  function fits(item, sought) {
    const data = item.node.dataset;
    const bound = chosen.every(([select, key]) => !select.value || (key === "l" && item.rule) || (data[key] ?? "").split(" ").includes(select.value));
    return bound && sought.every((word) => textOf(item).includes(word));
  }

  function sift() {
    const sought = fold(words.value).split(/\s+/).filter(Boolean);
    const shown = [0, 0];
    for (const item of items) {
      const fit = fits(item, sought);
      item.node.hidden = !fit;
      if (fit) shown[item.rule ? 0 : 1] += 1;
    }
    for (const list of all(".list")) list.hidden = !all(".item:not([hidden])", list).length;
    one("#found").textContent = `${shown[0]} of ${totals[0]} rules, ${shown[1]} of ${totals[1]} documents`;
  }

  let waiting = 0;
  words.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(sift, 120); });
  for (const [select] of chosen) select.addEventListener("change", sift);
  one("#clear").addEventListener("click", () => {
    words.value = "";
    for (const [select] of chosen) select.value = "";
    sift();
    words.focus();
  });

  const unfold = one("#unfold");
  unfold.addEventListener("click", () => {
    const open = unfold.getAttribute("aria-pressed") !== "true";
    for (const item of items) if (!item.node.hidden) item.node.open = open;
    unfold.setAttribute("aria-pressed", open);
    unfold.textContent = open ? "Close all" : "Open all";
  });

  const head = one(".rules .head");
  for (const button of all("button", head)) {
    button.disabled = false;
    button.addEventListener("click", () => {
      const by = Number(button.dataset.by);
      const figure = (node) => Number(node.dataset.n.split(" ")[by]);
      for (const other of all("button", head)) other.setAttribute("aria-pressed", other === button);
      head.parentNode.append(...all(".rule").sort((one, two) => figure(two) - figure(one)));
    });
  }

  one(".controls").hidden = false;
  sift();
})();
