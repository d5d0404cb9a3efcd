// The desk, kept fresh. Everything also works without this file: the page then reloads itself now and then.
"use strict";
(() => {
  const board = document.getElementById("board");
  if (!board) return;
  const offline = document.getElementById("offline");
  const pending = []; // what was pressed and not yet answered; each repeats the very same request, so none counts twice
  const POLL = 4000;
  let sending = false;
  let sent = null; // the form that was sent last
  let staysOpen = null; // a list of one-press buttons that is used again and again
  const title = document.title;

  // Colleagues who look at another window see it in the tab.
  function ring() {
    const alarm = board.querySelector("[data-alarm]");
    document.title = alarm ? `! ${alarm.dataset.alarm}` : title;
  }

  function show(isOffline) {
    offline.hidden = !isOffline;
    offline.querySelector("[data-one]").hidden = pending.length === 0;
    offline.querySelector("[data-none]").hidden = pending.length > 0;
  }

  // Replace only what has changed, keep the focus, and leave alone what somebody is just filling in, unless it has just
  // been sent and taken.
  function update(html, taken = false) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const parts = fresh.querySelectorAll("[data-part]");
    if (parts.length === 0) return false;
    const focused = document.activeElement && document.activeElement.id;
    for (const part of parts) {
      const now = document.getElementById(part.id);
      if (!now || now.dataset.html === part.innerHTML) continue;
      if (now.querySelector("details[open]") && !(taken && now.contains(sent)) && part.querySelector("details")) continue;
      const open = [...now.querySelectorAll("details[open]")].map((details) => details.id);
      now.dataset.html = part.innerHTML;
      now.innerHTML = part.innerHTML;
      if (staysOpen) open.filter((id) => id && id === staysOpen).forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    }
    sent = staysOpen = null;
    startClock();
    ring();
    if (focused && !document.activeElement.id) document.getElementById(focused)?.focus();
    return true;
  }

  // The time with the citizen, for the citizen's sake. It counts up and has no target.
  let clockStart = null;
  function startClock() {
    const element = board.querySelector("[data-since]");
    clockStart = element ? Date.now() - Number(element.dataset.since) * 1000 : null;
    tick();
  }
  function tick() {
    const element = board.querySelector("[data-since]");
    if (!element || clockStart === null) return;
    const seconds = Math.max(0, Math.floor((Date.now() - clockStart) / 1000));
    element.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  async function poll() {
    if (document.hidden || sending || pending.length) return;
    try {
      const answer = await fetch(board.dataset.source, { credentials: "same-origin", redirect: "manual" });
      if (answer.type === "opaqueredirect") return location.reload(); // signed out: the page leads to the sign-in
      if (!answer.ok) throw new Error("not answered");
      if (!sending) update(await answer.text());
      show(false);
    } catch {
      show(true);
    }
  }

  async function send() {
    if (sending || !pending.length) return;
    sending = true;
    try {
      const answer = await fetch(pending[0].url, { method: "POST", body: pending[0].body, credentials: "same-origin" });
      if (answer.status >= 500) throw new Error("not answered");
      const html = await answer.text();
      const taken = !answer.url.includes("notice=refused");
      sent = pending.shift().form;
      staysOpen = sent.closest("details")?.id === "open-door" ? "open-door" : null;
      show(false);
      if (!update(html, taken)) { // an error page: show it as the browser would
        document.open();
        document.write(html);
        document.close();
        return;
      }
    } catch {
      show(true);
      setTimeout(send, 3000);
    } finally {
      sending = false;
    }
    if (pending.length && offline.hidden) send();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-press]");
    if (!form) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const same = pending.some((waiting) => waiting.body.toString() === body.toString());
    if (!same) pending.push({ url: form.getAttribute("action"), body, form });
    send();
  });

  // One key each, unless somebody is typing or has switched them off (WCAG 2.1.4).
  const toggle = document.getElementById("use-shortcuts");
  document.getElementById("shortcuts").hidden = false;
  try { toggle.checked = localStorage.getItem("desk-shortcuts") !== "off"; } catch { /* private mode */ }
  const remember = () => {
    document.body.classList.toggle("desk-keys-off", !toggle.checked);
    try { localStorage.setItem("desk-shortcuts", toggle.checked ? "on" : "off"); } catch { /* private mode */ }
  };
  toggle.addEventListener("change", remember);
  remember();
  document.addEventListener("keydown", (event) => {
    if (!toggle.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape") { // out of a form, without its words getting lost to a shortcut
      const opened = event.target.closest("details[open]");
      if (opened) { opened.open = false; opened.querySelector("summary").focus(); }
      return;
    }
    if (event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select")) return;
    const button = document.querySelector(`[data-key="${CSS.escape(event.key.toUpperCase())}"]`);
    if (!button) return;
    event.preventDefault();
    if (button.localName === "summary") {
      button.parentElement.open = true;
      button.parentElement.querySelector("select, input:not([type=hidden]), textarea, button")?.focus();
      return;
    }
    button.closest("form").requestSubmit(button);
  });

  for (const part of board.querySelectorAll("[data-part]")) part.dataset.html = part.innerHTML;
  startClock();
  ring();
  setInterval(tick, 1000);
  setInterval(poll, POLL);
  document.addEventListener("visibilitychange", poll);
})();
