// What pages gain with JavaScript; every page works without it.
"use strict";

(() => {
  const token = document.querySelector('meta[name="csrf-token"]');

  // htmx posts carry the token that a form would carry in a hidden field.
  document.addEventListener("htmx:configRequest", (event) => {
    if (token) {
      event.detail.headers["X-CSRFToken"] = token.content;
    }
  });

  // A refused htmx request shows its page (written for the person) instead of nothing.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status >= 400) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  // Controls that only work with a script are hidden until there is one.
  document.documentElement.classList.add("has-script");

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (button && button.dataset.action === "print") {
      window.print();
    }
    if (button && button.dataset.action === "close") {
      window.close();
    }
  });

  // A file that would be refused for its size is not sent at all: on a slow link that takes an hour.
  document.addEventListener("change", (event) => {
    const most = Number(event.target.dataset.most);
    if (most) {
      const tooLarge = [...event.target.files].some((file) => file.size > most);
      event.target.setCustomValidity(tooLarge ? event.target.dataset.saidTooLarge : "");
      event.target.reportValidity();
    }
  });

  // What a worker is at is followed for a while; only a new state is spoken, the numbers change in silence.
  const LOOK_MS = 2000;
  const follow = (box, looks) => {
    if (!box.dataset.following || !looks) {
      box.classList.add("followed");
      return;
    }
    setTimeout(async () => {
      try {
        const answer = await fetch(box.dataset.following, { headers: { "Page-Language": document.documentElement.lang } });
        if (!answer.ok) {
          return box.classList.add("followed");
        }
        const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".following");
        const said = box.querySelector("[data-said]");
        const saidNow = found.querySelector("[data-said]").textContent;
        if (said.textContent !== saidNow) {
          said.textContent = saidNow;
        }
        box.querySelector("[data-steps]").replaceWith(found.querySelector("[data-steps]"));
        box.querySelector("svg").replaceWith(found.querySelector("svg"));
        box.className = found.className;
        box.dataset.following = found.dataset.following || "";
      } catch {
        // The network is away for a moment; the next look tells more.
      }
      follow(box, looks - 1);
    }, document.hidden ? 5 * LOOK_MS : LOOK_MS);
  };
  for (const box of document.querySelectorAll("[data-following]")) {
    follow(box, 150);
  }

  // The explanation of a term opens by itself (:target). Closed, also by Escape, it leaves no trace in the history and
  // gives the focus back to where the term was read.
  let readAt = null;
  const isOpen = () => Boolean(document.querySelector(".term-explained:target"));
  const close = (event) => {
    if (readAt && isOpen()) {
      event.preventDefault();
      history.back();
    }
  };
  document.addEventListener("click", (event) => {
    const term = event.target.closest("a.term");
    if (term) {
      if (isOpen()) {
        event.preventDefault();
        location.replace(term.href);
      }
      readAt = term;
    }
    if (event.target.closest(".term-close")) {
      close(event);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      close(event);
    }
  });
  window.addEventListener("hashchange", () => {
    if (readAt && !isOpen()) {
      readAt.focus({ preventScroll: true });
      readAt = null;
    }
  });

  // A signed answer goes on to the LMS by itself.
  document.querySelector("form[data-autosubmit]")?.requestSubmit();

  // A page that the browser has kept whole may be that of a session that has ended since: it is asked for anew.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      location.reload();
    }
  });

  // On paper everything is open.
  window.addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("main details:not([open])")) {
      details.open = true;
      details.dataset.openedToPrint = "";
    }
  });
  window.addEventListener("afterprint", () => {
    for (const details of document.querySelectorAll("details[data-opened-to-print]")) {
      details.open = false;
      delete details.dataset.openedToPrint;
    }
  });
})();
