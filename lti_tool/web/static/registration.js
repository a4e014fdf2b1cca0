// Tells the LMS that opened this page that the registration is over, and the LMS closes it (dynamic registration 1.0,
// section 3.7). What is left to do stands on the page, so it waits a little; whoever reads on keeps it open by any key,
// click or touch, and closes it with the button.
(() => {
  "use strict";
  const WAIT_MS = 6000;
  const listener = window.opener || (window.parent !== window ? window.parent : null);
  const panel = document.getElementById("closing");
  if (!listener || !panel) {
    return;
  }
  const notice = panel.querySelector("[role=status]");
  const close = () => {
    // Nothing secret is in it, and the LMS may listen on another origin than the one that described it.
    listener.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
  };
  const timer = window.setTimeout(close, WAIT_MS);
  const stay = () => {
    window.clearTimeout(timer);
    notice.hidden = true;
  };
  for (const kind of ["keydown", "pointerdown", "wheel", "focusin"]) {
    window.addEventListener(kind, stay, { once: true, passive: true });
  }
  panel.querySelector("button").addEventListener("click", close);
  panel.hidden = false;
})();
