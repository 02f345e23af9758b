"use strict";
(() => {
  const number = (cell) => {
    const found = Number.parseFloat((cell.dataset.value || cell.textContent).replaceAll(",", ""));
    return Number.isNaN(found) ? null : found;
  };

  const order = (column, falling) => (left, right) => {
    const [a, b] = [left.cells[column], right.cells[column]];
    const [x, y] = [number(a), number(b)];
    if (column === 0 || (x === null && y === null)) {
      return (falling ? -1 : 1) * a.textContent.localeCompare(b.textContent);
    }
    if (x === null || y === null) return x === null ? 1 : -1;
    return falling ? y - x : x - y;
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const falling = head.ariaSort ? head.ariaSort === "ascending" : head.cellIndex > 0;
        for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
        head.ariaSort = falling ? "descending" : "ascending";
        table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order(head.cellIndex, falling)));
      });
    }
  }

  const controls = document.querySelector("#controls");
  if (!controls) return;
  const cases = [...document.querySelectorAll("details.case")];
  const words = new Map();
  const textOf = (one) => {
    if (!words.has(one)) words.set(one, one.textContent.toLowerCase());
    return words.get(one);
  };
  const fits = (one, wanted) =>
    Object.entries(wanted).every(([name, value]) => {
      if (!value) return true;
      if (name === "search") return value.toLowerCase().split(/\s+/).every((word) => textOf(one).includes(word));
      return (one.dataset[name] || "").split("\n").includes(value);
    });
  const choose = () => {
    const wanted = Object.fromEntries([...controls.elements].filter((field) => field.name).map((field) => [field.name, field.value.trim()]));
    let shown = 0;
    for (const one of cases) {
      one.hidden = !fits(one, wanted);
      shown += one.hidden ? 0 : 1;
      const place = one.dataset.peers.split("\n").indexOf(wanted.better);
      const table = one.querySelector("table");
      if (table) table.dataset.only = wanted.better && place >= 0 ? String(place) : "";
    }
    document.querySelector("#shown").textContent = `${shown} of ${cases.length} cases`;
  };
  controls.hidden = false;
  controls.addEventListener("input", choose);
  controls.addEventListener("submit", (event) => event.preventDefault());
  choose();
})();
