// The picker narrows its list while one types; without this a button does it.
"use strict";

(() => {
  const form = document.querySelector("form[data-picker]");
  if (!form) {
    return;
  }
  const groups = [...form.querySelectorAll("details.choices")];
  const chosen = document.getElementById("chosen");
  const none = document.getElementById("none-fits");
  const { aspect, competency, level, search } = form.elements;
  const opened = new Set(groups.filter((group) => group.open));

  function narrow() {
    const text = search.value.trim().toLowerCase();
    const narrowed = Boolean(text || aspect.value || competency.value || level.value);
    let left = 0;
    for (const group of groups) {
      const ours =
        ["", group.dataset.aspect].includes(aspect.value) && ["", group.dataset.competency].includes(competency.value);
      let shown = 0;
      for (const choice of group.querySelectorAll(".choice")) {
        const fits =
          ours &&
          ["", choice.dataset.level].includes(level.value) &&
          choice.querySelector("label").textContent.toLowerCase().includes(text);
        choice.hidden = !fits;
        shown += fits ? 1 : 0;
      }
      group.hidden = shown === 0;
      group.open = narrowed || opened.has(group);
      left += shown;
    }
    none.hidden = left > 0;
  }

  for (const field of [aspect, competency, level]) {
    field.addEventListener("change", narrow);
  }
  search.addEventListener("input", narrow);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      narrow();
    }
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "indicator") {
      opened.add(event.target.closest("details"));
      const codes = [...form.querySelectorAll("[name=indicator]:checked")].map((box) => box.value);
      chosen.textContent = codes.join(", ") || "–";
    }
  });
})();
