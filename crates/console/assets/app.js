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

  // A form that takes a while says so, and is sent once however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const { busy, sent } = event.target.dataset;
    if (sent) {
      event.preventDefault();
    } else if (busy && event.submitter) {
      event.target.dataset.sent = event.submitter.textContent;
      event.submitter.textContent = busy;
      event.submitter.setAttribute("aria-disabled", "true");
    }
  });

  // Who comes back to such a page may send it again.
  window.addEventListener("pageshow", () => {
    all("form[data-sent]").forEach((form) => {
      const button = form.querySelector("[aria-disabled]");
      button.textContent = form.dataset.sent;
      button.removeAttribute("aria-disabled");
      delete form.dataset.sent;
    });
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) {
      all("input[data-row]").forEach((it) => {
        it.checked = event.target.checked;
      });
    }
    const file = event.target.closest("[data-into]");
    if (file && file.files[0]) {
      // The form sends the text: a file needs no other kind of form, and can be looked at first.
      file.files[0].text().then((text) => {
        document.getElementById(file.dataset.into).value = text;
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

  // A part of the page that the server keeps up to date. Focus stays where it was.
  function watch(part) {
    const events = new EventSource(part.dataset.live);
    const lost = document.querySelector("[data-lost]");
    events.onmessage = (event) => {
      const focused = part.contains(document.activeElement) && document.activeElement.id;
      part.innerHTML = event.data;
      const again = focused && document.getElementById(focused);
      if (again) {
        again.focus();
      }
      tick();
    };
    events.onopen = () => {
      lost.hidden = true;
    };
    events.onerror = () => {
      lost.hidden = events.readyState !== EventSource.CLOSED;
    };
  }

  // Dots of the rows shown; another page of rows is watched anew.
  let dots = null;
  function watchDots() {
    if (dots) {
      dots.close();
      dots = null;
    }
    const cells = all("[data-dot]");
    if (cells.length === 0) {
      return;
    }
    const asked = cells.map((cell) => "user=" + encodeURIComponent(cell.dataset.dot));
    dots = new EventSource("/users/dots?" + asked.join("&"));
    dots.onmessage = (event) => {
      JSON.parse(event.data).forEach(([user, dot, word]) => {
        const cell = cells.find((it) => it.dataset.dot === user);
        if (cell && cell.lastElementChild.textContent !== word) {
          cell.firstElementChild.className = "dot " + dot;
          cell.lastElementChild.textContent = word;
        }
      });
    };
  }

  // "1:05" since a moment.
  function tick() {
    all("[data-since]").forEach((cell) => {
      const seconds = Math.max(0, Math.floor(Date.now() / 1000) - Number(cell.dataset.since));
      const two = (number) => String(number).padStart(2, "0");
      const hours = Math.floor(seconds / 3600);
      const minutes = Math.floor(seconds / 60) % 60;
      const start = hours > 0 ? hours + ":" + two(minutes) : String(minutes);
      cell.textContent = start + ":" + two(seconds % 60);
    });
  }

  document.addEventListener("htmx:afterSwap", () => {
    count();
    watchDots();
  });
  document.addEventListener("DOMContentLoaded", () => {
    all("[data-shows]").forEach(show);
    count();
    all("[data-live]").forEach(watch);
    watchDots();
    tick();
    window.setInterval(tick, 1000);
  });
})();
