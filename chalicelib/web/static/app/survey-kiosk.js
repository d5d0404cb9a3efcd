// A shared screen's patience: any touch or key gives more time, a warning comes first, then it starts anew.
"use strict";
(() => {
  const box = document.getElementById("time-left");
  const warning = box.querySelector("[data-warning]");
  const patience = Number(box.dataset.seconds) * 1000;
  const warns = Math.min(15000, patience / 2);
  let until = Date.now() + patience;
  for (const touch of ["pointerdown", "keydown", "input", "scroll"]) {
    document.addEventListener(touch, () => { until = Date.now() + patience; warning.textContent = ""; }, { passive: true });
  }
  setInterval(() => {
    const left = until - Date.now();
    if (left <= 0) { location.replace(box.dataset.home); return; }
    if (left < warns && !warning.textContent) { warning.textContent = warning.dataset.warning; }
  }, 500);
})();
