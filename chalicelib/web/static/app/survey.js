/* Helps on top of pages that work without it: digits choose an answer, Enter goes on, the comment counts its letters.
   Digits are heard only while the question itself has focus (WCAG 2.1.4), which it is given where there is a keyboard. */
(function () {
  "use strict";
  var question = document.querySelector(".survey-question fieldset");
  var box = document.querySelector("textarea#answer");

  function listen(form) {
    var tiles = Array.prototype.slice.call(question.querySelectorAll("input"));
    var numeric = form.dataset.survey === "scale";
    var typed = "";
    var forget;

    function target(text) {
      return numeric ? tiles.find(function (tile) { return tile.value === text; }) : tiles[Number(text) - 1];
    }

    question.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey) { return; }
      if (event.key === "Enter") { event.preventDefault(); form.requestSubmit(); return; }
      if (!/^[0-9]$/.test(event.key)) { return; }
      var tile = target(typed + event.key) || target(event.key);
      typed = target(typed + event.key) ? typed + event.key : event.key;
      clearTimeout(forget);
      forget = setTimeout(function () { typed = ""; }, 800);
      if (!tile) { return; }
      event.preventDefault();
      tile.checked = tile.type === "radio" || !tile.checked;
      tile.focus();
    });
    if (window.matchMedia("(pointer: fine)").matches && !document.getElementById("error-summary")) {
      question.focus({ preventScroll: true });
    }
  }

  function count(line) {
    var most = Number(line.dataset.most);
    function show() {
      var left = most - Array.from(box.value).length;
      line.hidden = left > 200;
      line.textContent = (left < 0 ? line.dataset.over : line.dataset.left).replace("{n}", String(Math.abs(left)));
    }
    box.addEventListener("input", show);
    show();
  }

  if (question) { listen(question.form); }
  if (box) { count(document.querySelector(".survey-count")); }
})();
