// What htmx cannot do: the menu on narrow screens, ticking all rows, counting ticks, adding rows,
// copying text, asking before what cannot be undone. No page needs it to be read.
(function () {
  "use strict";

  function all(selector, root) {
    return Array.from((root || document).querySelectorAll(selector));
  }

  function count() {
    const ticked = all("input[data-row]").filter((it) => it.checked).length;
    all("[data-count]").forEach((it) => {
      it.textContent = ticked === 1 ? "1 user chosen" : ticked + " users chosen";
    });
    all("[data-needs-rows]").forEach((it) => {
      it.hidden = ticked === 0;
    });
  }

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-toggle]");
    if (toggle) {
      const open = document.getElementById(toggle.dataset.toggle).classList.toggle("open");
      toggle.setAttribute("aria-expanded", String(open));
    }
    const adder = event.target.closest("[data-add]");
    if (adder) {
      const template = document.getElementById(adder.dataset.add);
      const place = document.getElementById(adder.dataset.into);
      const next = String(place.children.length);
      const holder = document.createElement("div");
      holder.innerHTML = template.innerHTML.replaceAll("__N__", next);
      place.append(...holder.children);
      const first = place.lastElementChild.querySelector("input:not([type=hidden])");
      if (first) {
        first.focus();
      }
    }
    const remover = event.target.closest("[data-remove]");
    if (remover) {
      const row = remover.closest(".row");
      row.hidden = true;
      all("input", row).forEach((it) => {
        it.disabled = true;
      });
    }
    const copier = event.target.closest("[data-copy]");
    if (copier) {
      const text = document.getElementById(copier.dataset.copy).textContent;
      navigator.clipboard.writeText(text).then(() => {
        copier.textContent = "Copied";
      });
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      all("input[data-row]").forEach((it) => {
        it.checked = event.target.checked;
      });
    }
    const chooser = event.target.closest("[data-shows]");
    if (chooser) {
      show(chooser);
    }
    count();
  });

  // A chooser shows the one part whose data-part is its value, and sends only that.
  function show(chooser) {
    all("[data-part]", chooser.closest("form")).forEach((part) => {
      const shown = part.dataset.part.split(" ").includes(chooser.value);
      part.hidden = !shown;
      all("input, select, textarea", part).forEach((it) => {
        it.disabled = !shown;
      });
    });
  }

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.ask || (event.submitter && event.submitter.dataset.ask);
    if (question && !window.confirm(question)) {
      event.preventDefault();
    }
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    const search = document.getElementById("q");
    if (event.key === "/" && !typing && search) {
      event.preventDefault();
      search.focus();
    }
  });

  document.addEventListener("htmx:afterSwap", count);
  document.addEventListener("DOMContentLoaded", () => {
    all("[data-shows]").forEach(show);
    count();
  });
})();
