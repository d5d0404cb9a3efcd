// The kiosk's patience: shows how long is left, warns before it starts anew, and any touch or key gives more time.
"use strict";
(() => {
  const box = document.getElementById("time-left");
  if (!box) return;
  if (box.dataset.reload) {
    // The idle screen: fresh clock and first free time. Not while somebody is reaching for it.
    let last = Date.now();
    for (const touch of ["pointerdown", "keydown"]) document.addEventListener(touch, () => { last = Date.now(); });
    setInterval(() => {
      if (Date.now() - last > Number(box.dataset.reload) * 1000 && navigator.onLine) location.href = box.dataset.home;
    }, 5000);
    return;
  }
  const WARN = 15;
  const countdown = box.querySelector("[data-countdown]");
  const warning = box.querySelector("[data-warning]");
  const number = box.querySelector("[data-left]");
  let until = 0;
  const extend = () => {
    until = Date.now() + Number(box.dataset.seconds) * 1000;
    countdown.hidden = true;
    warning.textContent = "";
  };
  extend();
  for (const touch of ["pointerdown", "keydown", "input", "scroll"]) document.addEventListener(touch, extend, { passive: true });
  box.querySelector("[data-more]").addEventListener("click", (event) => event.preventDefault());
  setInterval(() => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) { location.replace(box.dataset.home); return; }
    if (left > WARN) return;
    number.textContent = String(left);
    if (!countdown.hidden) return;
    countdown.hidden = false;
    warning.textContent = warning.dataset.warning;
  }, 500);
  // A double press sends once; the server would give the same ticket anyway.
  for (const form of document.forms) form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
})();
