// A checklist by keyboard, each cell stored as it is chosen. Without it the form is sent whole, by a button.
"use strict";

(() => {
  const form = document.querySelector("form[data-checklist]");
  const table = form?.querySelector("table");
  if (!table) {
    return;
  }
  const line = document.getElementById("checklist-said");
  const status = document.getElementById("checklist-status");
  const info = document.getElementById("cell-info");
  const clashes = document.getElementById("checklist-clashes");
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const grid = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("select")]);
  const places = new Map();
  grid.forEach((row, r) => row.forEach((cell, c) => places.set(cell, [r, c])));
  const STEPS = ["", "not_shown", "emerging", "shown", "convincing"];

  // --- what the cells hold -----------------------------------------------------------------------------------------

  const stored = new Map(); // what the tool holds, by cell
  const known = new Map(); // what was chosen last
  for (const cell of places.keys()) {
    stored.set(cell, cell.value);
    known.set(cell, cell.value);
  }
  const waiting = new Set();
  const done = []; // [cell, before, after], each of which can be undone

  function put(cell, value) {
    if (![...cell.options].some((option) => option.value === value)) {
      cell.add(new Option(value, value));
    }
    cell.value = value;
    known.set(cell, value);
    waiting[value === stored.get(cell) ? "delete" : "add"](cell);
    cell.classList.toggle("waiting", waiting.has(cell));
  }

  function choose(cell, value) {
    if (value === known.get(cell)) {
      return;
    }
    done.push([cell, known.get(cell)]);
    put(cell, value);
    storer.changed();
  }

  function undo() {
    const last = done.pop();
    if (last) {
      put(...last);
      last[0].focus();
      storer.changed();
    }
  }

  // --- where one is ------------------------------------------------------------------------------------------------

  function go(r, c) {
    const row = grid[Math.max(0, Math.min(grid.length - 1, r))];
    row[Math.max(0, Math.min(row.length - 1, c))].focus();
  }

  table.addEventListener("focusin", (event) => {
    if (!places.has(event.target)) {
      return;
    }
    // One stop for the Tab key; arrows move inside.
    for (const cell of places.keys()) {
      cell.tabIndex = cell === event.target ? 0 : -1;
    }
    const column = places.get(event.target)[1];
    const text = document.getElementById(`t${column + 1}`);
    info.hidden = false;
    info.textContent = `${heads[column].textContent.trim()} · ${text.textContent.trim()}`;
    info.lang = text.lang;
  });

  for (const cell of places.keys()) {
    cell.tabIndex = -1;
    cell.setAttribute("aria-describedby", "cell-info");
  }
  grid[0][0].tabIndex = 0;

  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] };

  function isOpen(cell) {
    return CSS.supports("selector(:open)") && cell.matches(":open");
  }

  function act(event) {
    const cell = event.target;
    const [r, c] = places.get(cell);
    const control = event.ctrlKey || event.metaKey;
    const digit = /^(?:Digit|Numpad)([0-4])$/.exec(event.code);
    if (event.key in MOVES && !control) {
      return go(r + MOVES[event.key][0], c + MOVES[event.key][1]);
    }
    if (event.key === "Home" || event.key === "End") {
      return go(r, event.key === "Home" ? 0 : grid[r].length - 1);
    }
    if (control && event.code === "KeyZ") {
      return undo();
    }
    if (control && event.code === "KeyD") {
      return r > 0 ? choose(cell, known.get(grid[r - 1][c])) : undefined;
    }
    if (!control && digit && !event.shiftKey) {
      return choose(cell, STEPS[Number(digit[1])]);
    }
    if (event.key === "Delete" || event.key === "Backspace") {
      return choose(cell, "");
    }
    return "not ours";
  }

  table.addEventListener("keydown", (event) => {
    // With Alt, or once it is open, the list of choices has its own keys.
    if (places.has(event.target) && !event.altKey && !isOpen(event.target) && act(event) !== "not ours") {
      event.preventDefault();
    }
  });

  table.addEventListener("change", (event) => {
    if (places.has(event.target)) {
      choose(event.target, event.target.value);
    }
  });

  // --- storing -----------------------------------------------------------------------------------------------------

  function take(sent, answer) {
    const lost = new Map(answer.clashes.map((each) => [each.name, each]));
    for (const { cell, name, value } of sent) {
      const clash = lost.get(name);
      stored.set(cell, clash ? clash.value : value);
      put(cell, clash && known.get(cell) === value ? clash.value : known.get(cell));
    }
    for (const each of answer.clashes) {
      const told = document.createElement("li");
      told.textContent = each.said;
      clashes.append(told);
      clashes.hidden = false;
    }
    status.textContent = answer.status;
  }

  const storer = storing({
    form,
    wait: 300,
    entries: () => [...waiting].map((cell) => ({ cell, name: cell.name, shown: stored.get(cell), value: known.get(cell) })),
    take,
    say(which) {
      line.textContent = form.dataset[`said${which}`];
    },
  });

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-do=undo]")) {
      undo();
    }
  });
})();
