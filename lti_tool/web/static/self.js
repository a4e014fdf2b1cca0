// A self-assessment is stored as one goes. Without this a button does it.
"use strict";

(() => {
  const form = document.querySelector("form[data-self]");
  if (!form) {
    return;
  }
  const said = form.dataset;
  const line = document.getElementById("self-said");
  const stored = new Map(Object.entries(JSON.parse(form.elements.shown.value || "{}")));
  const waiting = new Map();
  let timer = 0;
  let sending = false;
  let pause = 2000;
  let leaving = false;

  function soon(after = 400) {
    clearTimeout(timer);
    timer = setTimeout(store, after);
  }

  function later() {
    line.textContent = said.saidOffline;
    pause = Math.min(pause * 2, 30000);
    soon(pause);
  }

  async function send() {
    const batch = [...waiting];
    const data = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, do: "save" });
    data.set("attempt", form.elements.attempt.value);
    data.set("shown", JSON.stringify(Object.fromEntries(batch.map(([name]) => [name, stored.get(name) ?? ""]))));
    batch.forEach(([name, value]) => data.set(name, value));
    line.textContent = said.saidSaving;
    let answer;
    try {
      const headers = { Accept: "application/json", "Page-Language": document.documentElement.lang };
      answer = await fetch(form.action, { method: "POST", body: data, headers, keepalive: true });
    } catch {
      return later();
    }
    if (answer.status >= 500) {
      return later();
    }
    if (!answer.ok || !answer.headers.get("Content-Type")?.includes("json")) {
      line.textContent = said.saidRefused;
      return undefined;
    }
    pause = 2000;
    for (const [name, value] of batch) {
      stored.set(name, value);
      if (waiting.get(name) === value) {
        waiting.delete(name);
      }
    }
    // Nothing is said to be stored that is not yet.
    line.textContent = waiting.size ? said.saidSaving : said.saidStored;
    return waiting.size ? soon() : undefined;
  }

  async function store() {
    if (sending || leaving || !waiting.size) {
      return;
    }
    sending = true;
    try {
      await send();
    } finally {
      sending = false;
    }
  }

  form.addEventListener("change", (event) => {
    waiting.set(event.target.name, event.target.value);
    line.textContent = said.saidSaving;
    soon();
  });
  form.addEventListener("submit", () => {
    leaving = true; // the form itself carries everything
  });
  addEventListener("online", () => soon(0));
  addEventListener("beforeunload", (event) => {
    if (waiting.size && !leaving) {
      event.preventDefault();
    }
  });
})();
