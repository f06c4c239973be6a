"use strict";
(() => {
  // Sorting: each head becomes a button; a second press turns the order around.
  const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  function sortBy(table, head, column) {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => row.cells[column].dataset.value;
    const compare = head.dataset.key === "number"
      ? (a, b) => Number(value(a)) - Number(value(b))
      : (a, b) => order.compare(value(a), value(b));
    const rows = [...table.tBodies[0].rows].sort((a, b) => (down ? compare(b, a) : compare(a, b)));
    table.tBodies[0].append(...rows);
  }

  for (const table of document.querySelectorAll("table[data-sortable]")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      button.addEventListener("click", () => sortBy(table, head, column));
      head.replaceChildren(button);
    });
  }

  // Filters: words that all have to be in a row, and outcomes of which one has to be the row's.
  for (const tools of document.querySelectorAll("[data-tools]")) {
    const table = tools.parentElement.querySelector("table[data-sortable]");
    const rows = [...table.tBodies[0].rows];
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const input = tools.querySelector("[data-filter]");
    const buttons = [...tools.querySelectorAll("[data-pick]")];

    const apply = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      const picked = buttons.filter((b) => b.ariaPressed === "true").map((b) => b.dataset.pick);
      let shown = 0;
      for (const row of rows) {
        const text = texts.get(row);
        const fits = words.every((word) => text.includes(word));
        row.hidden = !fits || (picked.length > 0 && !picked.includes(row.dataset.outcome));
        shown += row.hidden ? 0 : 1;
      }
      const all = shown === rows.length;
      tools.querySelector("[data-shown]").textContent = all ? "" : `${shown} of ${rows.length} shown`;
    };

    input.addEventListener("input", apply);
    for (const button of buttons) {
      button.addEventListener("click", () => {
        button.ariaPressed = button.ariaPressed === "true" ? "false" : "true";
        apply();
      });
    }
    tools.hidden = false;
  }

  // Copying: where the browser lets us.
  if (navigator.clipboard) {
    for (const code of document.querySelectorAll(".remedy code")) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = "Copy";
      button.setAttribute("aria-label", `Copy ${code.textContent}`);
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
      code.after(button);
    }
  }
})();
