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

  // A signed answer goes on to the LMS by itself.
  document.querySelector("form[data-autosubmit]")?.requestSubmit();

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
