/* Booking: counts down how long the place is kept, and solves the challenge where there is one. All works without. */
"use strict";

(() => {
  const SAID_AT = [300, 120, 60, 20]; // seconds before the end; in between the screen reader is left in peace
  const TICK = 500;

  function countDown(bar) {
    const left = bar.querySelector(".bk-hold-left");
    const voice = bar.querySelector("[data-announce]");
    const until = bar.querySelector(".bk-hold-until");
    const seconds = Number(bar.dataset.seconds);
    const end = performance.now() + seconds * 1000; // not the device's clock, which may be wrong
    let said = SAID_AT.filter((mark) => mark < seconds);

    function show() {
      const rest = Math.max(0, Math.round((end - performance.now()) / 1000));
      const time = `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`;
      left.textContent = bar.dataset.left.replace("{time}", time);
      bar.classList.toggle("bk-hold-soon", rest <= 120);
      if (said.length && rest <= said[0]) {
        said = said.filter((mark) => mark < rest);
        const minutes = Math.ceil(rest / 60);
        voice.textContent = minutes > 1 ? bar.dataset.minutes.replace("{minutes}", minutes) : bar.dataset.minute;
      }
      if (rest === 0) {
        clearInterval(timer);
        left.textContent = "";
        until.textContent = bar.dataset.over;
        voice.textContent = bar.dataset.over;
      }
    }

    const timer = setInterval(show, TICK);
    show();
  }

  function inThisPage(form, task) {
    const script = document.createElement("script");
    script.src = form.dataset.solver;
    script.addEventListener("load", async () => {
      form.elements.solution.value = await globalThis.solveChallenge(task);
    });
    document.head.append(script);
  }

  function solve(form) {
    const task = JSON.parse(form.dataset.challenge);
    try {
      const worker = new Worker(form.dataset.solver);
      worker.addEventListener("message", (event) => {
        form.elements.solution.value = event.data;
        worker.terminate();
      });
      worker.addEventListener("error", () => inThisPage(form, task));
      worker.postMessage(task);
    } catch {
      inThisPage(form, task); // scripts from another host can't be workers
    }
  }

  const bar = document.querySelector(".bk-hold[data-seconds]");
  if (bar) {
    countDown(bar);
  }
  const form = document.querySelector("form[data-challenge]");
  if (form && globalThis.crypto?.subtle && !form.elements.solution.value) {
    solve(form);
  }
})();
