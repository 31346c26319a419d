/* The sources at the side: a copy of what the shown exchange carries hidden inside it, and the cards in it.

   A number in an answer opens the card of its document and brings its sentence into sight; a card leads back to the
   number. Text moves between elements as nodes that the page already holds. */

const panel = document.getElementById("cd-tab-sources");
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const glide = () => (calm() ? "auto" : "smooth");

const FADED = 12; // pixels at the edges of a passage where the text fades

let turn = null; // the exchange whose sources are shown
let opened = null; // the card that is open: {document, marker}

const exchangeOf = (which) => document.querySelector(`.cd-exchange[data-turn="${CSS.escape(String(which))}"]:not([hidden])`);
const cards = () => [...panel.querySelectorAll(".cd-card")];
const cardOf = (marker) => cards().find((card) => card.dataset.markers.split(" ").includes(String(marker)));

/** Makes `target` show what the exchange carries in `part`; true where that was anything new. */
citedesk.carried = (which, part, target) => {
  const carried = which === null ? null : exchangeOf(which)?.querySelector(`:scope > ${part}`);
  if (!carried) {
    if (target.childNodes.length) target.replaceChildren();
    return true;
  }
  const copy = carried.cloneNode(true);
  if (target.dataset.turn === String(which) && target.childNodes.length === copy.childNodes.length) {
    const isSame = [...copy.childNodes].every((node, at) => node.isEqualNode(target.cdCarried?.childNodes[at]));
    if (isSame) return false;
  }
  target.dataset.turn = String(which);
  target.cdCarried = carried.cloneNode(true); // what is shown changes as cards are opened
  target.replaceChildren(...copy.childNodes);
  return true;
};

/** Brings the mark of this number, else the first, into the part of each passage that is visible. */
function reveal(root, marker) {
  for (const passage of root.querySelectorAll(".cd-passage")) {
    const mark = passage.querySelector(`mark[data-marker~="${marker}"]`) ?? passage.querySelector("mark");
    if (!mark) continue;
    passage.scrollTop = 0;
    const offset = mark.getBoundingClientRect().top - passage.getBoundingClientRect().top;
    const [room, high] = [passage.clientHeight, mark.offsetHeight];
    if (offset + high > room - FADED) passage.scrollTop = offset - Math.max(FADED, Math.min(room / 4, (room - high) / 2));
  }
}

/** Opens the card of a document and closes the others; null closes all. */
function open(which) {
  opened = which;
  for (const card of cards()) {
    const isOpen = which !== null && card.dataset.document === which.document;
    card.classList.toggle("cd-active", isOpen);
    card.querySelector(".cd-open").setAttribute("aria-expanded", String(isOpen));
    for (const each of card.querySelectorAll("[data-marker]")) {
      const numbers = each.dataset.marker.split(" ");
      each.classList.toggle("cd-now", isOpen && numbers.includes(which.marker));
    }
    reveal(card, isOpen ? which.marker : "");
  }
  for (const chip of document.querySelectorAll(".cd-chip")) {
    const isIt = which !== null && chip.dataset.turn === turn && chip.dataset.marker === which.marker;
    chip.classList.toggle("cd-active", isIt);
  }
  return cards().find((card) => card.classList.contains("cd-active"));
}

/** Brings a card, or what does not fit of it the marked sentence, into sight. */
function bring(card, marker) {
  const mark = card.querySelector(`mark[data-marker~="${marker}"]`);
  const isTall = card.offsetHeight > Math.min(panel.clientHeight, innerHeight);
  (isTall && mark ? mark : card).scrollIntoView({ block: isTall && mark ? "center" : "nearest", behavior: glide() });
}

/** Shows the source of a number: its card open, its sentence in sight. */
citedesk.cite = (which, marker) => {
  if (turn !== String(which)) citedesk.show(which);
  citedesk.tab("sources");
  const found = cardOf(marker);
  if (!found) return;
  const card = open({ document: found.dataset.document, marker: String(marker) });
  card.focus({ preventScroll: true });
  bring(card, marker);
};

/** The places that the shown answer cites of a document, as the reader takes them. */
citedesk.spansOf = (name) => cards().find((card) => card.dataset.document === name)?.dataset.spans ?? "";

function goBack() {
  if (!opened) return;
  const chip = document.querySelector(`.cd-chip[data-turn="${turn}"][data-marker="${CSS.escape(opened.marker)}"]`);
  chip?.focus({ preventScroll: true });
  chip?.scrollIntoView({ block: "center", behavior: glide() });
}

document.addEventListener("citedesk:shown", ({ detail }) => {
  const was = turn;
  turn = detail.turn === null ? null : String(detail.turn);
  if (!citedesk.carried(turn, ".cd-sources", panel)) return;
  if (was !== turn) panel.scrollTop = 0;
  open(was === turn ? opened : null);
});

document.addEventListener("citedesk:tab", ({ detail }) => {
  if (detail === "sources") reveal(panel, opened?.marker ?? ""); // nothing scrolls while it is hidden
});

document.addEventListener("click", (event) => {
  const chip = event.target.closest(".cd-chip, .cd-cited");
  if (chip) citedesk.cite(chip.dataset.turn ?? turn, chip.dataset.marker);
  const read = event.target.closest(".cd-read");
  if (read) citedesk.open(read.dataset.document, Number(read.dataset.start), Number(read.dataset.end));
  if (!panel.contains(event.target)) return;
  const card = event.target.closest(".cd-card");
  const number = event.target.closest(".cd-number");
  if (number) bring(open({ document: card.dataset.document, marker: number.dataset.marker }), number.dataset.marker);
  if (event.target.closest(".cd-open")) {
    const marker = card.dataset.markers.split(" ")[0];
    open(card.classList.contains("cd-active") ? null : { document: card.dataset.document, marker });
  }
  if (event.target.closest(".cd-back")) goBack();
});

panel.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !opened) return;
  event.preventDefault();
  goBack();
});
