// Assessing without the mouse: a digit chooses a step and goes to the next indicator, letters go through the queue.
"use strict";

(() => {
  const form = document.querySelector("form[data-rubric]");
  if (!form) {
    return;
  }
  const groups = [...form.querySelectorAll("fieldset.rubric")];
  const typing = (target) => target.matches("textarea, input:not([type=radio]), select");
  let current = groups[0];
  form.addEventListener("focusin", (event) => {
    current = event.target.closest("fieldset.rubric") ?? current;
  });

  function choose(digit) {
    const steps = current ? [...current.querySelectorAll("input")] : [];
    const step = digit === 0 ? steps[steps.length - 1] : steps[digit - 1];
    if (!step || step.disabled || step.matches("fieldset:disabled *")) {
      return;
    }
    step.checked = true;
    const next = groups[groups.indexOf(current) + 1];
    if (next) {
      current = next;
      (next.querySelector("input:checked") ?? next.querySelector("input")).focus();
    } else {
      form.elements.comment.focus();
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit();
      return;
    }
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (/^[0-4]$/.test(event.key)) {
      choose(Number(event.key));
    } else if (event.code === "KeyN" || event.code === "KeyP") {
      document.querySelector(event.code === "KeyN" ? "a[rel=next]" : "a[rel=prev]")?.click();
    } else {
      return;
    }
    event.preventDefault();
  });

  // Sent once, however often the button is pressed.
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
    }
    form.dataset.sent = "1";
  });
})();
