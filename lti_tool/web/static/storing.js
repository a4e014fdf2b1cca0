// What is entered on a page is stored by itself, a moment later; again and again where the network or the tool is away.
"use strict";

// entries(): what waits, as {name, shown, value}; shown is what this page last knew to be stored.
// fields(): what goes along. take(sent, answer): notes what was stored. say(which, answer): Saving, Stored, Offline, Refused.
function storing({ form, wait, entries, fields = () => ({}), take, say }) {
  let timer = 0;
  let sending = null;
  let pause = 2000;
  let over = false;

  function soon(after = wait) {
    clearTimeout(timer);
    timer = setTimeout(now, after);
  }

  function later() {
    say("Offline");
    pause = Math.min(pause * 2, 30000);
    soon(pause);
  }

  function body(sent) {
    const data = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, ...fields() });
    data.set("shown", JSON.stringify(Object.fromEntries(sent.map(({ name, shown }) => [name, shown]))));
    sent.forEach(({ name, value }) => data.set(name, value));
    return data;
  }

  async function send(sent) {
    say("Saving");
    let answer;
    let told;
    try {
      answer = await fetch(form.action, {
        method: "POST",
        body: body(sent),
        headers: { Accept: "application/json", "Page-Language": document.documentElement.lang },
        keepalive: sent.length < 200,
      });
      if (answer.ok && answer.headers.get("Content-Type")?.includes("json")) {
        told = await answer.json(); // may break off, too
      }
    } catch {
      return later();
    }
    if (answer.status >= 500) {
      return later();
    }
    if (!told) {
      return say("Refused");
    }
    pause = 2000;
    take(sent, told);
    // Nothing is said to be stored that is not yet.
    if (entries().length) {
      say("Saving");
      return soon();
    }
    return say("Stored", told);
  }

  async function now() {
    clearTimeout(timer);
    while (sending) {
      await sending;
    }
    const sent = over ? [] : entries();
    if (sent.length) {
      sending = send(sent).finally(() => {
        sending = null;
      });
      await sending;
    }
  }

  addEventListener("online", () => soon(0));
  addEventListener("beforeunload", (event) => {
    if (entries().length && !over) {
      event.preventDefault();
    }
  });

  return {
    changed() {
      say(entries().length || sending ? "Saving" : "Stored");
      soon();
    },
    now,
    // The form itself carries everything from here on.
    leave() {
      over = true;
    },
  };
}
