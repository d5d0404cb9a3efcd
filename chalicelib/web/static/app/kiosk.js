// The kiosk's patience and its memory. Without this file every screen is a page of its own and works all the same.
//
// Steps are fetched and put in place of the old screen, so that a network that is gone for a minute never leaves the
// browser's own error page standing in the hall: what was pressed waits here and is sent once, with the key that its
// form was made with, so the server gives the same ticket however often it is asked.
"use strict";
(() => {
  const WARN = 15;
  const RETRY = 2000;
  const PATIENCE = 10000;
  const SHOW_STOP = 15000;
  const GIVE_UP = 180000;
  const BETWEEN_KEYS = 1000; // a kiosk that is busy hands keys on late
  const SHORTEST_SCAN = 6;
  const BUSY = [502, 503, 504];
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  let underway = null;
  let idle = null;
  let touched = Date.now();
  let refreshed = Date.now();

  // ---- Going from screen to screen ----

  async function go(request) {
    if (underway) return; // a second press while the first is on its way
    underway = { ...request, since: Date.now(), stopped: false, strange: 0 };
    document.getElementById("main-content").setAttribute("aria-busy", "true");
    try {
      await goOn(underway);
    } finally {
      underway = null;
      touched = Date.now();
      document.getElementById("main-content").removeAttribute("aria-busy");
    }
  }

  async function goOn(mine) {
    while (!mine.stopped) {
      const answer = await ask(mine);
      if (mine.stopped) return;
      if (answer) { show(answer.url, answer.html); return; }
      if (mine.quiet) { forgetWhatMayHaveChanged(); return; }
      if (mine.strange > 1) { leave(mine); return; }
      if (Date.now() - mine.since > GIVE_UP) { startOver(); return; }
      sayOffline(mine);
      await pause(RETRY);
    }
  }

  async function ask(mine) {
    const post = mine.body ? { method: "POST", body: mine.body } : {};
    try {
      const answer = await fetch(mine.url, { ...post, credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
      return BUSY.includes(answer.status) ? null : { url: answer.url, html: await answer.text() };
    } catch {
      // The server answers and this does not: such as a sign-in at another address. Then the browser has to go there.
      if (!mine.quiet && await isAlive()) mine.strange += 1;
      return null;
    }
  }

  async function isAlive() {
    try {
      const address = document.getElementById("offline").dataset.alive;
      return (await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) })).ok;
    } catch { return false; }
  }

  function leave(mine) {
    if (!mine.body) { location.assign(mine.url); return; }
    const form = document.createElement("form");
    form.method = "post";
    form.action = mine.url;
    for (const [name, value] of mine.body) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      form.append(field);
    }
    document.body.append(form);
    form.submit();
  }

  function show(url, html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    if (!fresh.body.classList.contains("bp-kiosk")) { location.replace(url); return; }
    document.title = fresh.title;
    document.documentElement.lang = fresh.documentElement.lang;
    document.documentElement.dir = fresh.documentElement.dir;
    const style = "link[href*='/dkfds']";
    if (document.querySelector(style).href !== fresh.querySelector(style).href) {
      document.querySelector(style).href = fresh.querySelector(style).href;
    }
    for (const part of [".kiosk-header", "#main-content"]) {
      document.querySelector(part).replaceWith(document.importNode(fresh.querySelector(part), true));
    }
    history.replaceState(null, "", url);
    refreshed = Date.now();
    scrollTo(0, 0);
    begin();
    const first = document.querySelector("#error-summary, .kiosk-code, .kiosk-short, h1");
    if (first.tagName === "H1") first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }

  // Whatever the network does: what a citizen left on the screen goes when the time is up.
  function startOver() {
    const home = document.getElementById("offline").dataset.home;
    if (underway) underway.stopped = true;
    if (idle) show(home, idle);
    setTimeout(() => go({ url: home, quiet: Boolean(idle) }));
  }

  function forgetWhatMayHaveChanged() {
    document.querySelectorAll(".kiosk-free").forEach((text) => text.remove());
  }

  function sayOffline(mine) {
    const box = document.getElementById("offline");
    box.querySelector("[data-form]").hidden = !mine.body;
    box.querySelector("[data-link]").hidden = Boolean(mine.body);
    const stop = box.querySelector("[data-stop]");
    stop.hidden = Date.now() - mine.since < SHOW_STOP;
    if (!box.hidden) return;
    box.hidden = false;
    stop.addEventListener("click", startOver);
    for (const other of [document.querySelector(".kiosk-header"), ...box.parentElement.children]) {
      if (other !== box) other.inert = true;
    }
    box.focus();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || link.hasAttribute("data-more")) {
      if (link && link.hasAttribute("data-more")) event.preventDefault();
      return;
    }
    const address = new URL(link.href);
    if (address.pathname !== location.pathname || address.hash) return;
    event.preventDefault();
    go({ url: link.href });
  });
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    go({ url: event.target.action, body: new URLSearchParams(new FormData(event.target, event.submitter)) });
  });

  // ---- A scanner types like a very fast person, and ends with Enter ----

  let scanned = "";
  let lastKey = 0;
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input")) return; // it types into the field itself
    if (event.timeStamp - lastKey > BETWEEN_KEYS) scanned = "";
    lastKey = event.timeStamp;
    if (event.key.length === 1) scanned += event.key;
    if (event.key !== "Enter" || scanned.length < SHORTEST_SCAN) return;
    event.preventDefault();
    present(scanned);
    scanned = "";
  });
  document.addEventListener("kiosk:scanned", (event) => present(event.detail));

  function present(text) {
    const form = document.querySelector("form[data-scan]");
    if (!form) return;
    form.elements.code.value = text;
    go({ url: form.action, body: new URLSearchParams(new FormData(form)) });
  }

  // ---- Time ----

  for (const touch of ["pointerdown", "keydown", "input", "scroll"]) {
    document.addEventListener(touch, () => { touched = Date.now(); calm(); }, { passive: true });
  }

  function calm() {
    const countdown = document.querySelector("[data-countdown]");
    if (!countdown || countdown.hidden) return;
    countdown.hidden = true;
    countdown.querySelector("[data-warning]").textContent = "";
  }

  setInterval(() => {
    tick();
    const box = document.getElementById("time-left");
    if (!box || underway) return;
    if (box.dataset.reload) {
      const reload = Number(box.dataset.reload) * 1000;
      if (Date.now() - Math.max(touched, refreshed) < reload) return;
      refreshed = Date.now();
      go({ url: box.dataset.home, quiet: true });
      return;
    }
    const left = Math.ceil((touched + Number(box.dataset.seconds) * 1000 - Date.now()) / 1000);
    if (left <= 0) { startOver(); return; }
    if (left > WARN) return;
    const countdown = box.querySelector("[data-countdown]");
    countdown.querySelector("[data-left]").textContent = String(left);
    if (!countdown.hidden) return;
    countdown.hidden = false;
    const warning = countdown.querySelector("[data-warning]");
    warning.textContent = warning.dataset.warning;
  }, 500);

  let ahead = 0;
  function tick() {
    const clock = document.getElementById("clock");
    if (!clock) return;
    const isDanish = document.documentElement.lang === "da";
    const format = new Intl.DateTimeFormat(isDanish ? "da-DK" : "en-GB", {
      hour: "numeric", minute: "2-digit", timeZone: "Europe/Copenhagen",
    });
    const text = (isDanish ? "kl. " : "") + format.format(Date.now() + ahead);
    if (clock.textContent !== text) clock.textContent = text;
  }

  // ---- What a screen has ----

  function begin() {
    const clock = document.getElementById("clock");
    if (clock) {
      ahead = Date.parse(clock.dataset.now) - Date.now();
      idle = document.documentElement.outerHTML;
    }
    document.querySelectorAll("[data-shows]").forEach((box) => {
      const shown = document.getElementById(box.dataset.shows);
      const turn = () => { shown.hidden = !box.checked; };
      box.addEventListener("change", turn);
      turn();
    });
    document.querySelectorAll("[data-print]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", () => print());
    });
    document.dispatchEvent(new Event("kiosk:screen"));
    const first = document.querySelector(".kiosk-code, .kiosk-short");
    if (first && !document.getElementById("error-summary")) first.focus();
  }

  // The other file of the kiosk, with what its fields need, comes after this one.
  document.addEventListener("DOMContentLoaded", begin);
})();
