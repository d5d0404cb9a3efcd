// The wall: fetches what stands on it, changes slowly, and is cleared at once by Escape.
// Without this file the page reloads itself, and the button clears it.
"use strict";
(() => {
  const wall = document.getElementById("wall");
  const off = document.getElementById("wall-off");
  const lost = document.getElementById("wall-lost");
  if (!wall) return;
  const pause = Number(wall.dataset.seconds) * 1000;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let cleared = false;
  let timer = null;

  function place(part) {
    const old = wall.querySelector("[data-part]");
    if (old.dataset.id === part.dataset.id && old.innerHTML === part.innerHTML) return;
    if (still.matches) { old.replaceWith(part); return; }
    old.classList.add("is-leaving");
    setTimeout(() => {
      if (cleared) return;
      part.classList.add("is-leaving");
      old.replaceWith(part);
      requestAnimationFrame(() => requestAnimationFrame(() => part.classList.remove("is-leaving")));
    }, 1200);
  }

  async function poll() {
    if (cleared) return;
    try {
      const answer = await fetch(wall.dataset.source, { credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(10000) });
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) { location.reload(); return; }
      if (!answer.ok) throw new Error("not answered");
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-part]");
      if (!fresh) throw new Error("not answered");
      if (fresh.dataset.on !== wall.dataset.on) { wall.replaceChildren(); location.reload(); return; }
      if (!cleared) place(document.adoptNode(fresh));
      lost.hidden = true;
    } catch {
      lost.hidden = false;
    }
    timer = setTimeout(poll, pause);
  }

  // Nothing stands there any more, whatever the network does; then everywhere else.
  async function clear() {
    cleared = true;
    clearTimeout(timer);
    wall.replaceChildren();
    try {
      const answer = await fetch(off.getAttribute("action"), { method: "POST", body: new URLSearchParams({ press: "off" }), credentials: "same-origin" });
      if (!answer.ok) throw new Error("not answered");
      location.reload();
    } catch {
      lost.hidden = false;
      setTimeout(clear, 2000);
    }
  }

  if (off) {
    off.addEventListener("submit", (event) => { event.preventDefault(); clear(); });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.repeat) clear(); });
  }
  timer = setTimeout(poll, pause);
})();
