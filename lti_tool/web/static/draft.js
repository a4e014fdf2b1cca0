// A draft is stored as one types. Without this, or without a connection, the button does it.
"use strict";

(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) {
    return;
  }
  const status = document.getElementById("draft-status");
  const fields = ["text", "links"];
  const written = () => fields.map((name) => form.elements[name].value).join("\u0000");
  let stored = written();
  let timer = 0;
  let pause = 1500;
  let sending = false;

  function soon(after) {
    clearTimeout(timer);
    timer = setTimeout(store, after);
  }

  async function store() {
    const now = written();
    if (now === stored || sending) {
      return;
    }
    sending = true;
    try {
      const body = new URLSearchParams(fields.map((name) => [name, form.elements[name].value]));
      body.set("csrf_token", form.elements.csrf_token.value);
      body.set("version", form.elements.version.value);
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (answer.ok) {
        form.elements.version.value = told.version;
        stored = now;
        pause = 1500;
        status.textContent = form.dataset.saidStored;
      } else {
        // Another tab was first, or a link is not finished: said once, and tried again at the next change.
        status.textContent = told.said;
        stored = now;
      }
    } catch {
      status.textContent = form.dataset.saidOffline;
      pause = Math.min(pause * 2, 30000);
    } finally {
      sending = false;
      if (written() !== stored) {
        soon(pause);
      }
    }
  }

  form.addEventListener("input", () => soon(1500));
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    stored = written();
  });
  addEventListener("online", () => soon(0));
  addEventListener("beforeunload", (event) => {
    if (written() !== stored) {
      event.preventDefault();
    }
  });
})();
