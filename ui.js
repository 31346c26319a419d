/* What happens in the browser without the server: the sources panel and the chips that open its cards.

   Every answer carries its own sources, hidden inside it. The panel shows a copy of one answer's: the newest
   one's, until a chip of an older answer is used. Text only ever moves between elements as nodes that the page
   already holds; nothing here makes HTML. */

(() => {
  if (window.citedesk) return;
  window.citedesk = true;

  let newest = null; // the turn that the panel followed last
  let turn = null; // the turn that the panel shows
  let opened = null; // the key of the card that is open in it

  const panel = () => document.getElementById("cd-panel");
  const exchanges = () => [...document.querySelectorAll(".cd-exchange")];
  const smooth = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

  /** Brings the first marked sentence of every passage into the part of it that is visible. */
  function revealMarks(root) {
    for (const passage of root.querySelectorAll(".cd-passage")) {
      const mark = passage.querySelector("mark");
      if (!mark) continue;
      const offset = mark.getBoundingClientRect().top - passage.getBoundingClientRect().top;
      passage.scrollTop += offset - Math.max(0, (passage.clientHeight - mark.offsetHeight) / 2);
    }
  }

  /** Opens the card with this key and closes the others; null closes all. */
  function openCard(key) {
    opened = key;
    for (const card of panel().querySelectorAll(".cd-card")) {
      const active = key !== null && card.dataset.card === key;
      card.classList.toggle("cd-active", active);
      card.querySelector(".cd-open").setAttribute("aria-expanded", String(active));
    }
    for (const each of document.querySelectorAll(".cd-chip")) {
      each.classList.toggle("cd-active", each.dataset.turn === turn && each.dataset.marker === key);
    }
    revealMarks(panel());
    return panel().querySelector(".cd-card.cd-active");
  }

  /** Makes the panel show the sources of one exchange, unless it does already. */
  function show(exchange) {
    const sources = exchange.querySelector(".cd-sources");
    const same = turn === exchange.dataset.turn;
    if (same && panel().childElementCount && panel().cdSource === sources.innerHTML) return;
    panel().cdSource = sources.innerHTML;
    panel().replaceChildren(...sources.cloneNode(true).childNodes);
    if (!same) document.getElementById("cd-side").scrollTop = 0;
    turn = exchange.dataset.turn;
    openCard(same ? opened : null);
  }

  function follow() {
    if (!panel()) return;
    const all = exchanges();
    const last = all.at(-1);
    if (!last) {
      newest = turn = opened = null;
      if (panel().childElementCount) panel().replaceChildren();
      return;
    }
    if (last.dataset.turn !== newest) {
      newest = last.dataset.turn;
      show(last);
      last.scrollIntoView({ block: "start" });
    } else {
      show(all.find((each) => each.dataset.turn === turn) ?? last);
    }
  }

  /** From an open card back to the chip that stands for it. */
  function goBack() {
    const chip = document.querySelector(`.cd-chip[data-turn="${turn}"][data-marker="${opened}"]`);
    chip?.focus({ preventScroll: true });
    chip?.scrollIntoView({ block: "center", behavior: smooth() });
  }

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      follow();
    });
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true });

  document.addEventListener("click", (event) => {
    const used = event.target.closest(".cd-chip");
    if (used) {
      show(used.closest(".cd-exchange"));
      const card = openCard(used.dataset.marker);
      card?.focus({ preventScroll: true });
      card?.scrollIntoView({ block: "nearest", behavior: smooth() });
    }
    const title = event.target.closest("#cd-panel .cd-open");
    if (title) {
      const card = title.closest(".cd-card");
      openCard(card.classList.contains("cd-active") ? null : card.dataset.card);
    }
    if (event.target.closest(".cd-back")) goBack();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest("#cd-panel")) goBack();
  });
})();
