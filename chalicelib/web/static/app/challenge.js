/* Solves the booking challenge (SHA-256, as ALTCHA's) away from the page: as a worker, or in pieces where there is none. */
"use strict";

async function hashOf(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function solve(task) {
  for (let number = 0; number <= task.maxnumber; number += 1) {
    if ((await hashOf(task.salt + number)) === task.challenge) {
      const { algorithm, challenge, salt, signature } = task;
      return btoa(JSON.stringify({ algorithm, challenge, salt, signature, number }));
    }
    if (typeof document !== "undefined" && number % 200 === 199) {
      await new Promise((resolve) => setTimeout(resolve)); // the page stays usable
    }
  }
  return "";
}

if (typeof document === "undefined") {
  onmessage = async (event) => postMessage(await solve(event.data));
} else {
  globalThis.solveChallenge = solve;
}
