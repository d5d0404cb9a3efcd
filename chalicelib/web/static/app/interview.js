/* The interviewer's speed on top of a form that works without it: only the questions whose turn it is are seen, digits
   choose, Enter goes to the next one, Ctrl+Enter saves. Digits are heard only within a question (WCAG 2.1.4). */
(function () {
  "use strict";
  var form = document.querySelector("[data-interview]");
  var items = Array.prototype.slice.call(form.querySelectorAll(".interview-item"));
  var screening = form.dataset.screening ? JSON.parse(form.dataset.screening) : null;

  items.forEach(function (item) {
    var note = item.querySelector(".interview-routed");
    if (note) { note.remove(); }
  });

  function chosen(name) {
    return Array.prototype.slice.call(form.querySelectorAll('[name="' + name + '"]:checked')).map(function (box) { return box.value; });
  }

  function route() {
    var open = true;
    var seen = {};
    items.forEach(function (item) {
      var conditions = item.dataset.when ? JSON.parse(item.dataset.when) : [];
      var holds = open && conditions.every(function (condition) {
        return seen[condition[0]] && chosen(condition[0]).some(function (value) { return condition[1].indexOf(value) >= 0; });
      });
      item.hidden = !holds;
      seen[item.dataset.question] = holds;
      if (holds && screening && item.dataset.question === "a-" + screening[0]) {
        var answer = chosen(item.dataset.question);
        open = !answer.length || answer.some(function (value) { return screening[1].indexOf(value) >= 0; });
      }
    });
  }

  function enter(item) {
    if (!item) { form.querySelector("button[type=submit]").focus(); return; }
    (item.querySelector("textarea") || item).focus();
    item.scrollIntoView({ block: "nearest" });
  }

  function following(item) {
    return items.slice(items.indexOf(item) + 1).find(function (each) { return !each.hidden; });
  }

  var typed = "";
  var typedIn;
  var forget;

  function choose(item, digit) {
    if (typedIn !== item) { typed = ""; }
    typedIn = item;
    var boxes = Array.prototype.slice.call(item.querySelectorAll("input"));
    function target(text) {
      return item.dataset.type === "scale" ? boxes.find(function (box) { return box.value === text; }) : boxes[Number(text) - 1];
    }
    var both = typed + digit;
    var box = target(both) || target(digit);
    typed = target(both) ? both : digit;
    clearTimeout(forget);
    forget = setTimeout(function () { typed = ""; }, 800);
    if (!box) { return false; }
    box.checked = box.type === "radio" || !box.checked;
    box.focus();
    route();
    return true;
  }

  form.addEventListener("change", route);
  form.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.ctrlKey) { event.preventDefault(); form.requestSubmit(); return; }
    var item = event.target.closest(".interview-item");
    if (!item || event.target.tagName === "TEXTAREA" || event.altKey || event.metaKey || event.ctrlKey) { return; }
    if (event.key === "Enter") { event.preventDefault(); typed = ""; enter(following(item)); return; }
    if (/^[0-9]$/.test(event.key) && choose(item, event.key)) { event.preventDefault(); }
  });
  // A second press of the button sends nothing; the server would take it as the same interview anyway.
  form.addEventListener("submit", function (event) {
    if (form.dataset.sent) { event.preventDefault(); }
    form.dataset.sent = "yes";
  });
  addEventListener("pageshow", function () { delete form.dataset.sent; });
  route();
  if (!document.getElementById("error-summary")) { enter(items.find(function (item) { return !item.hidden; })); }
})();
