// Comments, one key each. Everything also works without this file: each press then loads the page anew.
"use strict";
(() => {
  const cards = document.getElementById("cm-cards");
  const said = document.getElementById("cm-said");
  const keys = document.getElementById("cm-keys");
  if (!cards || !said) return;
  const all = () => [...cards.querySelectorAll("[data-card]")];
  const cardOf = (element) => element && element.closest && element.closest("[data-card]");

  function focusOn(card) {
    if (!card) return;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  }

  // The card as the server has it now; if it is no longer among those wanted, the next one takes its place.
  function show(old, html, pressed) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const count = fresh.getElementById("cm-count");
    if (!count) return false;
    const problem = fresh.querySelector(".cm-problem");
    const text = problem ? problem.textContent.trim() : said.dataset.saved;
    document.getElementById("cm-count").replaceWith(document.adoptNode(count));
    const next = old.nextElementSibling || old.previousElementSibling;
    const now = fresh.getElementById(old.id);
    if (!now) {
      old.remove();
      focusOn(next && next.matches("[data-card]") ? next : null);
    } else {
      now.tabIndex = 0;
      old.replaceWith(document.adoptNode(now));
      const again = pressed && [...now.querySelectorAll("[data-key]")].find((button) => button.dataset.key === pressed);
      (now.querySelector("details[open] [name=note]") || again || now).focus({ preventScroll: true });
    }
    said.textContent = text;
    return true;
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-press]");
    const card = cardOf(form);
    if (!card) return;
    event.preventDefault();
    if (card.dataset.busy) return;
    card.dataset.busy = "yes";
    said.textContent = "";
    try {
      const body = new URLSearchParams(new FormData(form, event.submitter));
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, credentials: "same-origin" });
      const html = await answer.text();
      if (!show(card, html, event.submitter && event.submitter.dataset.key)) throw new Error("another page");
    } catch {
      delete card.dataset.busy;
      said.textContent = said.dataset.lost;
      said.classList.remove("sr-only");
      return;
    }
    said.classList.add("sr-only");
    delete card.dataset.busy;
  });

  // One key each, only while a comment has the focus, unless somebody types or has switched them off (WCAG 2.1.4).
  keys.hidden = false;
  const toggle = document.getElementById("use-shortcuts");
  try { toggle.checked = localStorage.getItem("comment-shortcuts") !== "off"; } catch { /* private mode */ }
  const remember = () => {
    document.body.classList.toggle("cm-keys-on", toggle.checked);
    try { localStorage.setItem("comment-shortcuts", toggle.checked ? "on" : "off"); } catch { /* private mode */ }
  };
  toggle.addEventListener("change", remember);
  remember();
  for (const card of all()) card.tabIndex = 0;
  document.addEventListener("keydown", (event) => {
    const card = cardOf(event.target);
    if (!card || !toggle.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === "Escape") {
      const opened = event.target.closest("details[open]");
      if (opened) { opened.open = false; opened.querySelector("summary").focus(); }
      return;
    }
    if (event.target.closest("input, textarea, select")) return;
    const key = event.key.toUpperCase();
    const list = all();
    if (key === "J" || key === "K") {
      event.preventDefault();
      focusOn(list[list.indexOf(card) + (key === "J" ? 1 : -1)]);
      return;
    }
    const button = card.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!button) return;
    event.preventDefault();
    if (button.localName === "summary") {
      button.parentElement.open = true;
      button.parentElement.querySelector("select").focus();
      return;
    }
    button.closest("form").requestSubmit(button);
  });
})();
