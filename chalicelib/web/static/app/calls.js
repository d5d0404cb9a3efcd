// Pages that wait for a call: the screen in the waiting room, and a citizen's own place in the queue.
// Fetches what changes, says and sounds what is new, and carries on by itself after the network was gone.
// Without this file the pages reload themselves now and then.
"use strict";
(() => {
  const live = document.getElementById("live");
  if (!live) return;
  const lost = document.getElementById("lost");
  const RETRY = 3000;
  const PATIENCE = 10000;
  const end = document.title.split(" · ").slice(1).join(" · ");
  let part = live.querySelector("[data-part]");
  let shown = part.innerHTML;
  let timer = null;
  let asking = false;

  // The clock runs on by itself, so that it stays right while the network is gone.
  const clock = document.getElementById("clock");
  let ahead = Date.parse(part.dataset.now) - Date.now();
  let updated = Date.now();
  const format = new Intl.DateTimeFormat(document.documentElement.lang === "da" ? "da-DK" : "en-GB", {
    hour: "numeric", minute: "2-digit", timeZone: "Europe/Copenhagen",
  });
  function tick() {
    const text = format.format(Date.now() + ahead);
    if (clock.textContent !== text) clock.textContent = text;
  }

  // Browsers allow a sound only after somebody has touched the page, unless they were started to allow it.
  const button = document.getElementById("sound");
  const audio = window.AudioContext && button ? new AudioContext() : null;
  let wanted = true;
  const sounding = () => audio !== null && wanted && audio.state === "running";
  function showSound() {
    const text = sounding() ? button.dataset.on : button.dataset.off;
    if (button.textContent !== text) button.textContent = text;
  }
  function chime() {
    if (navigator.vibrate && navigator.userActivation && navigator.userActivation.hasBeenActive) navigator.vibrate([200, 100, 200]);
    if (!sounding()) return;
    for (const [pitch, after] of [[784, 0], [1047, 0.25]]) {
      const start = audio.currentTime + after;
      const tone = audio.createOscillator();
      const loud = audio.createGain();
      tone.frequency.value = pitch;
      loud.gain.setValueAtTime(0.0001, start);
      loud.gain.exponentialRampToValueAtTime(0.4, start + 0.03);
      loud.gain.exponentialRampToValueAtTime(0.0001, start + 0.7);
      tone.connect(loud).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.75);
    }
    document.documentElement.dataset.chimes = String(Number(document.documentElement.dataset.chimes || 0) + 1);
  }
  if (audio) {
    document.getElementById("sound-box").hidden = false;
    audio.addEventListener("statechange", showSound);
    button.addEventListener("click", async () => {
      wanted = !sounding();
      if (wanted) {
        await audio.resume();
        chime();
        try { await navigator.wakeLock.request("screen"); } catch { /* not everywhere: the screen then sleeps as usual */ }
      }
      showSound();
    });
    showSound();
  }

  // What was there when the page came is not news.
  const seen = new Set(Array.from(part.querySelectorAll("[data-id]"), (element) => element.dataset.id));
  function announce() {
    const urgent = [];
    const calm = [];
    for (const element of part.querySelectorAll("[data-id]")) {
      if (seen.has(element.dataset.id)) continue;
      seen.add(element.dataset.id);
      const isCall = "chime" in element.dataset;
      (isCall ? urgent : calm).push(element.dataset.say);
      if (isCall) element.classList.add("is-new");
    }
    if (urgent.length) {
      say("say-now", urgent);
      chime();
    }
    if (calm.length) say("say", calm);
  }
  // Emptied first: the same words again, as when a number is called a second time, would not be read out.
  function say(region, texts) {
    const element = document.getElementById(region);
    element.textContent = "";
    setTimeout(() => { element.textContent = texts.join(" "); }, 150);
  }

  function update(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-part]");
    if (!fresh) throw new Error("not the page");
    ahead = Date.parse(fresh.dataset.now) - Date.now();
    updated = Date.now();
    showNearly(fresh.dataset.nearly);
    if (fresh.dataset.title && end) document.title = `${fresh.dataset.title} · ${end}`;
    part.dataset.next = fresh.dataset.next;
    if (fresh.innerHTML === shown) return;
    shown = fresh.innerHTML;
    part = document.importNode(fresh, true);
    live.replaceChildren(part);
    announce();
  }

  // Whether a message was asked for or sent stands beside what is fetched: a number half typed must not vanish.
  function showNearly(standing) {
    for (const element of document.querySelectorAll("[data-nearly-for]")) {
      element.hidden = element.dataset.nearlyFor !== standing;
    }
  }

  // How old the numbers are, said once when the network goes and not again each time it is tried.
  function sayLost() {
    if (!lost.hidden) return;
    for (const text of lost.querySelectorAll("[data-stale]")) {
      text.textContent = text.dataset.stale.replace("{at}", format.format(updated + ahead));
    }
    lost.hidden = false;
  }

  async function poll() {
    if (asking) return;
    asking = true;
    clearTimeout(timer);
    let pause = RETRY;
    try {
      const answer = await fetch(live.dataset.source, { credentials: "same-origin", redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
      // Signed out, or the link has ended: the page itself says so.
      if (answer.type === "opaqueredirect" || (answer.status >= 400 && answer.status < 429)) { location.reload(); return; }
      if (!answer.ok) throw new Error("not answered");
      update(await answer.text());
      pause = Number(part.dataset.next) * 1000;
      lost.hidden = true;
    } catch {
      sayLost();
    } finally {
      asking = false;
    }
    if (pause > 0) timer = setTimeout(poll, pause);
    else if (audio) document.getElementById("sound-box").hidden = true;
  }

  if (clock) setInterval(tick, 1000);
  timer = setTimeout(poll, Number(part.dataset.next) * 1000);
  addEventListener("online", poll);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && Number(part.dataset.next) > 0) poll(); });
})();
