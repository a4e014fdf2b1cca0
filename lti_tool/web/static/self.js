// A self-assessment is stored as one goes. Without this a button does it.
"use strict";

(() => {
  const form = document.querySelector("form[data-self]");
  if (!form) {
    return;
  }
  const line = document.getElementById("self-said");
  const stored = new Map(Object.entries(JSON.parse(form.elements.shown.value || "{}")));
  const waiting = new Map();

  const storer = storing({
    form,
    wait: 400,
    entries: () => [...waiting].map(([name, value]) => ({ name, shown: stored.get(name) ?? "", value })),
    fields: () => ({ do: "save", attempt: form.elements.attempt.value }),
    take(sent) {
      for (const { name, value } of sent) {
        stored.set(name, value);
        if (waiting.get(name) === value) {
          waiting.delete(name);
        }
      }
    },
    say(which) {
      line.textContent = form.dataset[`said${which}`];
    },
  });

  form.addEventListener("change", (event) => {
    waiting.set(event.target.name, event.target.value);
    storer.changed();
  });
  form.addEventListener("submit", () => storer.leave());
})();
