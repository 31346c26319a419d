/* The reader: one whole document in a dialog, marked where the shown answer cites it, and a search in its text.

   The server makes the text; here it is scrolled and searched. What is found is painted over the text (CSS
   highlights), so that searching a long document changes nothing in it. */

const MOST_FOUND = 1000;

const dialog = document.createElement("dialog");
dialog.id = "cd-reader";
dialog.setAttribute("aria-labelledby", "cd-reader-title");
document.getElementById("cd-app").append(dialog);

let opener = null; // what had the focus before
let asked = 0; // the number of the newest opening: an older one's answer comes too late
let marks = []; // where each cited stretch begins
let at = -1; // the mark that was gone to last
let found = []; // ranges of what was searched for
let foundAt = -1;

const part = (selector) => dialog.querySelector(selector);
const text = () => part(".cd-reader-text");

function sentence(words) {
  const box = document.createElement("div");
  box.className = "cd-reader-head";
  const title = document.createElement("h2");
  title.id = "cd-reader-title";
  title.tabIndex = -1;
  title.textContent = words;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "cd-button cd-close";
  close.textContent = "Close";
  box.append(title, close);
  dialog.replaceChildren(box);
}

/** Shows a document, scrolled to the characters from `start` to `end`; without them from its beginning. */
citedesk.open = async (name, start, end) => {
  const mine = ++asked;
  if (!dialog.open) {
    opener = document.activeElement;
    forget();
    sentence("Opening the document…");
    dialog.showModal();
  }
  dialog.setAttribute("aria-busy", "true");
  const query = new URLSearchParams({ name });
  if (Number.isInteger(start) && Number.isInteger(end)) {
    query.set("start", start);
    query.set("end", end);
  }
  const spans = citedesk.spansOf(name);
  if (spans) query.set("spans", spans);
  try {
    const html = await (await citedesk.get(`/citedesk/document?${query}`)).text();
    if (mine !== asked) return;
    forget();
    citedesk.place(dialog, html);
    begin(start);
  } catch (error) {
    if (mine === asked) sentence(error.message);
  }
  if (mine !== asked) return;
  dialog.removeAttribute("aria-busy");
  (text() ?? part("h2"))?.focus({ preventScroll: true });
};

function forget() {
  [marks, at, found, foundAt] = [[], -1, [], -1];
  paint();
}

function begin(start) {
  marks = [...text().querySelectorAll("mark")].filter((mark) => mark.dataset.number || mark.dataset.marker === "0");
  part(".cd-marks").hidden = !marks.length;
  if (!marks.length) return;
  const wanted = marks.findIndex((mark) => Number(mark.dataset.at) >= (start ?? 0));
  if (start === undefined) {
    at = -1; // from its beginning: the first mark comes with the first step
    count();
  } else goTo(wanted < 0 ? marks.length - 1 : wanted);
}

function count() {
  const place = at < 0 ? `${marks.length} cited` : `${at + 1} of ${marks.length} cited`;
  part(".cd-at").textContent = marks.some((mark) => mark.dataset.number) ? place : "";
  for (const button of dialog.querySelectorAll("[data-go]")) button.disabled = marks.length < 2 && at >= 0;
}

/** Scrolls to a mark. Blocks get their heights as they come into sight, so the way there is gone twice. */
function goTo(which) {
  at = (which + marks.length) % marks.length;
  const mark = marks[at];
  const numbers = mark.dataset.marker.split(" ");
  for (const each of text().querySelectorAll("mark")) {
    each.classList.toggle("cd-now", each.dataset.marker.split(" ").some((number) => numbers.includes(number)));
  }
  const scroll = () => {
    if (!mark.isConnected) return; // closed meanwhile
    mark.scrollIntoView({ block: mark.offsetHeight > text().clientHeight / 2 ? "start" : "center" });
  };
  scroll();
  requestAnimationFrame(() => {
    scroll();
    requestAnimationFrame(scroll);
  });
  count();
}

/* ---- Finding ---- */

/** What was typed as a pattern: as it stands, but any white space is as good as another. */
function pattern(words) {
  const literal = words.trim().replace(/[.*+?^${}()|[\]\\/]/g, "\\$&").replace(/\s+/g, "\\s+");
  return literal ? new RegExp(literal, "giu") : null;
}

/** The stretch of a block's text from one offset to another, as a range. */
function rangeIn(block, from, to) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let passed = 0;
  let hasBegun = false;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!hasBegun && from < passed + node.length) {
      range.setStart(node, from - passed);
      hasBegun = true;
    }
    if (hasBegun && to <= passed + node.length) {
      range.setEnd(node, to - passed);
      break;
    }
    passed += node.length;
  }
  return range;
}

function find(words) {
  found = [];
  foundAt = -1;
  const searched = pattern(words);
  if (searched) {
    for (const block of text().querySelectorAll(".cd-block")) {
      for (const match of block.textContent.matchAll(searched)) {
        if (found.length < MOST_FOUND) found.push(rangeIn(block, match.index, match.index + match[0].length));
      }
      if (found.length >= MOST_FOUND) break;
    }
  }
  paint();
  const many = found.length >= MOST_FOUND ? `${MOST_FOUND.toLocaleString("en")} or more` : String(found.length);
  part(".cd-count").textContent = searched ? (found.length ? `${many} found` : "Not found") : "";
  if (found.length) goToFound(firstInSight());
}

/** The first range that is not above what is seen now. */
function firstInSight() {
  const top = text().getBoundingClientRect().top;
  const next = found.findIndex((range) => range.startContainer.parentElement.getBoundingClientRect().bottom >= top);
  return Math.max(next, 0);
}

function goToFound(which) {
  if (!found.length) return;
  foundAt = (which + found.length) % found.length;
  const range = found[foundAt];
  const scroll = () => {
    if (!range.startContainer.isConnected) return;
    const [box, seen] = [range.getBoundingClientRect(), text().getBoundingClientRect()];
    text().scrollTop += box.top - seen.top - seen.height / 3;
  };
  range.startContainer.parentElement.closest(".cd-block").scrollIntoView({ block: "nearest" });
  scroll();
  requestAnimationFrame(() => {
    scroll();
    paint();
  });
  const many = found.length >= MOST_FOUND ? `${MOST_FOUND.toLocaleString("en")} or more` : String(found.length);
  part(".cd-count").textContent = `${foundAt + 1} of ${many}`;
}

function paint() {
  if (!window.CSS?.highlights) {
    if (found[foundAt]) {
      getSelection().removeAllRanges();
      getSelection().addRange(found[foundAt]);
    }
    return;
  }
  CSS.highlights.set("cd-found", new Highlight(...found));
  CSS.highlights.set("cd-found-now", new Highlight(...(found[foundAt] ? [found[foundAt]] : [])));
  CSS.highlights.get("cd-found-now").priority = 1;
}

let pausing = 0;

dialog.addEventListener("input", (event) => {
  if (!event.target.closest(".cd-find")) return;
  clearTimeout(pausing);
  pausing = setTimeout(() => find(event.target.value), 120);
});

dialog.addEventListener("submit", (event) => {
  event.preventDefault();
  const words = part(".cd-find input").value;
  if (foundAt < 0) find(words);
  else goToFound(foundAt + 1);
});

dialog.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest(".cd-close")) dialog.close();
  const go = event.target.closest("[data-go]");
  if (go) goTo(at < 0 && go.dataset.go < 0 ? -1 : at + Number(go.dataset.go));
  const up = event.target.closest("[data-find]");
  if (up) goToFound(foundAt - 1);
});

dialog.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input");
  if (event.key === "Enter" && event.shiftKey && isTyping) {
    event.preventDefault();
    goToFound(foundAt - 1);
  }
  if (event.key.toLowerCase() === "f" && (event.ctrlKey || event.metaKey) && part(".cd-find")) {
    event.preventDefault();
    part(".cd-find input").select();
  }
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !marks.length) return;
  if (event.key === "n") goTo(at + 1);
  if (event.key === "p") goTo(Math.max(at, 0) - 1);
});

dialog.addEventListener("close", () => {
  asked += 1; // what is still on its way is not wanted any more
  forget();
  dialog.replaceChildren();
  opener?.focus?.({ preventScroll: true });
  opener = null;
});
