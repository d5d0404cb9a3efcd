// The kiosk's fields: keys to press on the screen, and a camera for QR codes where the browser has one.
"use strict";
(() => {
  const CAMERA_MS = 60000;
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  document.addEventListener("kiosk:screen", () => {
    document.querySelectorAll("input[data-keys]").forEach(addKeys);
    document.querySelectorAll("[data-camera]").forEach(offerCamera);
    const first = document.querySelector(".kiosk-code, .kiosk-short");
    if (first) openKeys(first);
  });

  // Keys of its own, as not every kiosk has a keyboard; the field then asks the system for none.
  function addKeys(input) {
    const pad = document.createElement("div");
    pad.className = "kiosk-keys";
    pad.dataset.count = String(input.dataset.keys.length);
    pad.setAttribute("role", "group");
    pad.setAttribute("aria-label", input.dataset.pad);
    pad.hidden = true;
    const type = (text, erase) => {
      const [from, to] = [input.selectionStart, input.selectionEnd];
      input.setRangeText(text, erase && from === to ? Math.max(0, from - 1) : from, to, "end");
      input.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const add = (label, act, name) => {
      const key = document.createElement("button");
      key.type = "button";
      key.textContent = label;
      if (name) key.setAttribute("aria-label", name);
      key.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
      key.addEventListener("click", act);
      pad.append(key);
    };
    for (const sign of input.dataset.keys) add(sign, () => type(sign, false));
    add("⌫", () => type("", true), input.dataset.delete);
    input.inputMode = "none";
    input.after(pad);
    input.addEventListener("focus", () => openKeys(input));
  }

  function openKeys(input) {
    document.querySelectorAll(".kiosk-keys").forEach((pad) => { pad.hidden = pad !== input.nextElementSibling; });
  }

  function offerCamera(box) {
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
    const button = box.querySelector("button");
    const status = box.querySelector("[role=status]");
    const video = box.querySelector("video");
    box.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      let stream = null;
      try {
        const detector = new BarcodeDetector({ formats: ["qr_code"] });
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
        video.srcObject = stream;
        video.hidden = false;
        status.textContent = status.dataset.on;
        await video.play();
        const found = await look(detector, video);
        if (found && video.isConnected) document.dispatchEvent(new CustomEvent("kiosk:scanned", { detail: found }));
      } catch {
        status.textContent = status.dataset.off;
      } finally {
        if (stream) stream.getTracks().forEach((track) => track.stop());
        video.hidden = true;
        button.disabled = false;
      }
    });
  }

  async function look(detector, video) {
    for (const end = Date.now() + CAMERA_MS; Date.now() < end && video.isConnected; await pause(250)) {
      const [code] = await detector.detect(video);
      if (code) return code.rawValue;
    }
    return "";
  }
})();
