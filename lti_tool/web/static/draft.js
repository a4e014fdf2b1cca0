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
  let refused = null;
  let waiting = null;

  function soon(after) {
    clearTimeout(timer);
    timer = setTimeout(store, after);
  }

  async function store() {
    const now = written();
    if (now === stored || now === refused || sending) {
      return;
    }
    sending = true;
    try {
      const body = new URLSearchParams(fields.map((name) => [name, form.elements[name].value]));
      body.set("csrf_token", form.elements.csrf_token.value);
      body.set("version", form.elements.version.value);
      const headers = { Accept: "application/json", "Page-Language": document.documentElement.lang };
      const answer = await fetch(form.action, { method: "POST", body, headers });
      if (answer.status >= 500) {
        throw new Error("later");
      }
      const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
      if (answer.ok && told.version) {
        form.elements.version.value = told.version;
        stored = now;
        pause = 1500;
        say(form.dataset.saidStored);
      } else {
        // Another tab was first, a link is not finished, the session is over: said, and tried again at the next change.
        refused = now;
        say(told.said ?? form.dataset.saidRefused, true);
      }
    } catch {
      say(form.dataset.saidOffline, true);
      pause = Math.min(pause * 2, 30000);
    } finally {
      sending = false;
      if (waiting) {
        form.requestSubmit(waiting);
      } else if (written() !== stored && written() !== refused) {
        soon(pause);
      }
    }
  }

  function say(text, isUnstored = false) {
    status.textContent = text;
    status.classList.toggle("soft", !isUnstored);
  }

  form.addEventListener("input", () => soon(1500));
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (sending) {
      // The own draft on its way is no other tab: the button waits for it.
      event.preventDefault();
      waiting = event.submitter;
      return;
    }
    stored = written();
  });
  addEventListener("online", () => soon(0));
  addEventListener("beforeunload", (event) => {
    if (written() !== stored) {
      event.preventDefault();
    }
  });
})();
