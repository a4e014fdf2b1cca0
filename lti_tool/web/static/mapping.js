// The mapping matrix by keyboard: what is typed is stored in the draft by itself. Without it the form is sent by a button.
"use strict";

(() => {
  const form = document.querySelector("form[data-matrix]");
  const table = form?.querySelector("table");
  if (!table) {
    return;
  }
  const said = form.dataset;
  const status = document.getElementById("matrix-status");
  const info = document.getElementById("cell-info");
  const clashes = document.getElementById("matrix-clashes");
  const grid = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("input")]);
  const columns = [...table.tHead.rows[table.tHead.rows.length - 1].cells].slice(1);
  const places = new Map();
  grid.forEach((row, r) => row.forEach((cell, c) => places.set(cell, [r, c])));

  // --- what the cells hold -----------------------------------------------------------------------------------------

  const SIGNS = { r: "!", o: "?", s: "" };
  const stored = new Map(); // what the draft holds, by cell
  const known = new Map(); // what the cell held before the latest edit
  for (const cell of places.keys()) {
    stored.set(cell, cell.value);
    known.set(cell, cell.value);
  }
  const waiting = new Set(); // cells that differ from the draft

  // "3 R" → "3!"; null where it is no entry.
  function tidy(text) {
    const found = /^([1-5])\s*([!?rso]?)$/i.exec(text.trim());
    if (found) {
      const sign = found[2].toLowerCase();
      return found[1] + (SIGNS[sign] ?? sign);
    }
    return text.trim() === "" ? "" : null;
  }

  function put(cell, value) {
    cell.value = value;
    known.set(cell, value);
    cell.classList.remove("faulty");
    if (value === stored.get(cell)) {
      waiting.delete(cell);
    } else {
      waiting.add(cell);
    }
    cell.classList.toggle("drafted", waiting.has(cell) || cell.dataset.drafted === "1");
  }

  // --- what is said ------------------------------------------------------------------------------------------------

  let complaint = ""; // stays until the next edit, whatever becomes of the storing of earlier ones
  let state = status?.textContent.trim();

  function say(...sentences) {
    state = sentences.filter(Boolean).join(" ");
    status.textContent = [complaint, state].filter(Boolean).join(" ");
  }

  function complain() {
    complaint = said.saidFaulty;
    say(state);
  }

  // --- edits, each of which can be undone --------------------------------------------------------------------------

  const done = [];
  const undone = [];

  function edit(changes) {
    complaint = "";
    say(state);
    const real = changes.map(([cell, value]) => [cell, known.get(cell), value]).filter(([, was, value]) => was !== value);
    if (real.length === 0) {
      return;
    }
    done.push(real);
    undone.length = 0;
    real.forEach(([cell, , value]) => put(cell, value));
    storer.changed();
  }

  function turn(from, to, which) {
    const batch = from.pop();
    if (batch) {
      to.push(batch);
      batch.forEach((each) => put(each[0], each[which]));
      go(...places.get(batch[0][0]));
      storer.changed();
    }
  }

  const undo = () => turn(done, undone, 1);
  const redo = () => turn(undone, done, 2);

  // --- where one is ------------------------------------------------------------------------------------------------

  let here = [0, 0];
  let anchor = [0, 0];
  let moving = false; // a selection is being extended: its other end stays

  function selected() {
    const rows = [here[0], anchor[0]].sort((a, b) => a - b);
    const cols = [here[1], anchor[1]].sort((a, b) => a - b);
    return grid.slice(rows[0], rows[1] + 1).map((row) => row.slice(cols[0], cols[1] + 1));
  }

  function mark() {
    const chosen = new Set(selected().flat());
    for (const cell of table.querySelectorAll("input.selected")) {
      cell.classList.remove("selected");
    }
    if (chosen.size > 1) {
      chosen.forEach((cell) => cell.classList.add("selected"));
    }
  }

  function go(r, c, extend = false) {
    r = Math.max(0, Math.min(grid.length - 1, r));
    c = Math.max(0, Math.min(columns.length - 1, c));
    if (!extend) {
      anchor = [r, c];
    }
    here = [r, c];
    moving = extend;
    grid[r][c].focus();
    moving = false;
    mark();
  }

  function describe(cell) {
    const [r, c] = places.get(cell);
    const text = document.getElementById(`t${c + 1}`);
    info.hidden = false;
    info.textContent = `${columns[c].textContent} · ${text ? text.textContent : ""}`;
    info.lang = text ? text.lang : "";
  }

  table.addEventListener("focusin", (event) => {
    const cell = event.target;
    if (!places.has(cell)) {
      return;
    }
    if (!moving) {
      anchor = places.get(cell);
    }
    grid[here[0]][here[1]].tabIndex = -1;
    here = places.get(cell);
    cell.tabIndex = 0;
    mark();
    describe(cell);
    cell.select();
  });

  // One stop for the Tab key; arrows move inside.
  for (const cell of places.keys()) {
    cell.tabIndex = -1;
    cell.setAttribute("aria-describedby", "cell-info");
    if (cell.classList.contains("drafted")) {
      cell.dataset.drafted = "1";
    }
  }
  grid[0][0].tabIndex = 0;

  // --- keys --------------------------------------------------------------------------------------------------------

  const weight = (cell, digit) => digit + known.get(cell).slice(1);
  const role = (cell, sign) => (known.get(cell) || "1").slice(0, 1) + sign;
  const all = (make) => edit(selected().flat().map((cell) => [cell, make(cell)]));

  function fill(down) {
    const block = selected();
    if (block.length === 1 && block[0].length === 1) {
      const [r, c] = here;
      const from = down ? grid[r - 1]?.[c] : grid[r][c - 1];
      return from ? edit([[block[0][0], known.get(from)]]) : undefined;
    }
    return edit(block.flatMap((row) => row.map((cell, c) => [cell, known.get(down ? block[0][c] : row[0])])));
  }

  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [1, 0] };
  const WITH_CONTROL = { KeyD: () => fill(true), KeyR: () => fill(false), KeyZ: undo, KeyY: redo };

  function move(event) {
    const [dr, dc] = MOVES[event.key];
    const far = event.ctrlKey || event.metaKey ? 1000 : 1;
    go(here[0] + dr * far, here[1] + dc * far, event.shiftKey && event.key !== "Enter");
  }

  function write(event) {
    const cell = event.target;
    if (/^[1-5]$/.test(event.key)) {
      return all((each) => weight(each, event.key));
    }
    if (event.key === "!" || event.code === "KeyR") {
      return all((each) => role(each, "!"));
    }
    if (event.key === "?" || event.code === "KeyO") {
      return all((each) => role(each, "?"));
    }
    if (event.code === "KeyS") {
      return all((each) => role(each, ""));
    }
    if (event.key === " ") {
      const value = known.get(cell) ? "" : "1";
      return all(() => value);
    }
    return ["Delete", "Backspace", "0", "-"].includes(event.key) ? all(() => "") : undefined;
  }

  table.addEventListener("keydown", (event) => {
    if (!places.has(event.target) || event.isComposing || event.key === "Unidentified" || event.altKey) {
      return;
    }
    const control = event.ctrlKey || event.metaKey;
    if (event.key in MOVES) {
      move(event);
    } else if (event.key === "Home" || event.key === "End") {
      go(here[0], event.key === "Home" ? 0 : columns.length - 1, event.shiftKey);
    } else if (control && event.code === "KeyZ" && event.shiftKey) {
      redo();
    } else if (control && event.code in WITH_CONTROL) {
      WITH_CONTROL[event.code]();
    } else if (!control && (event.key.length === 1 || event.key === "Delete" || event.key === "Backspace")) {
      write(event);
    } else {
      return;
    }
    event.preventDefault();
  });

  // A phone's keyboard sends no keys that can be told apart: what it wrote is read when the cell is left.
  table.addEventListener("change", (event) => {
    const cell = event.target;
    const value = places.has(cell) ? tidy(cell.value) : null;
    if (value !== null) {
      edit([[cell, value]]);
      cell.value = value;
    } else if (places.has(cell)) {
      cell.classList.add("faulty");
      complain();
    }
  });

  // --- copy and paste, also from and to a spreadsheet ------------------------------------------------------------------

  table.addEventListener("copy", (event) => {
    if (places.has(event.target)) {
      const text = selected().map((row) => row.map((cell) => known.get(cell)).join("\t")).join("\n");
      event.clipboardData.setData("text/plain", text);
      event.preventDefault();
    }
  });

  table.addEventListener("paste", (event) => {
    if (!places.has(event.target)) {
      return;
    }
    event.preventDefault();
    const lines = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "").split(/\r?\n/);
    const block = lines.map((line) => line.split("\t").map(tidy));
    if (block.flat().includes(null)) {
      complain();
      return;
    }
    const whole = block.length === 1 && block[0].length === 1;
    edit(
      whole
        ? selected().flat().map((cell) => [cell, block[0][0]])
        : block.flatMap((row, r) =>
            row.map((value, c) => [grid[here[0] + r]?.[here[1] + c], value]).filter(([cell]) => cell),
          ),
    );
  });

  // --- storing -----------------------------------------------------------------------------------------------------

  function tell(found) {
    clashes.hidden = found.length === 0 && clashes.children.length === 0;
    for (const each of found) {
      const line = document.createElement("li");
      line.textContent = each.said;
      clashes.append(line);
    }
  }

  function take(sent, answer) {
    const lost = new Map(answer.clashes.map((each) => [each.name, each]));
    for (const { cell, name, value } of sent) {
      const clash = lost.get(name);
      stored.set(cell, clash ? clash.value : value);
      cell.dataset.drafted = "1";
      put(cell, clash && known.get(cell) === value ? clash.value : known.get(cell));
    }
    tell(answer.clashes);
  }

  const storer = storing({
    form,
    wait: 600,
    entries: () => [...waiting].map((cell) => ({ cell, name: cell.name, shown: stored.get(cell), value: known.get(cell) })),
    take,
    say: (which, answer) => say(said[`said${which}`], answer?.drafted ?? ""),
  });

  const DOES = { right: () => fill(false), down: () => fill(true), undo, redo };
  form.addEventListener("click", async (event) => {
    const asked = event.target.closest("[data-do]");
    if (asked && asked.dataset.do in DOES) {
      DOES[asked.dataset.do]();
    } else if (asked && waiting.size) {
      event.preventDefault();
      await storer.now();
      if (!waiting.size) {
        location.assign(asked.href);
      }
    }
  });
  form.addEventListener("submit", (event) => event.preventDefault());
})();
