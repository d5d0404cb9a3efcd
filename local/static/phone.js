// Shows new messages without loading the page again. Without scripts the page reloads by itself.
"use strict";

async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
  const shown = document.querySelector("main");
  const old = shown.querySelectorAll("li").length;
  if (fresh && fresh.querySelectorAll("li").length !== old) shown.replaceChildren(...fresh.childNodes);
}

setInterval(look, 2000);
