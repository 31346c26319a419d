/* The archive's own dates, under the timeline: drag over the bars, or move the two handles, to ask only documents
   from a period. Loaded when the tab is looked at, and again when the archive has changed. */

const panel = document.getElementById("cd-tab-timeline");
const room = document.createElement("div");
room.className = "cd-coverage-of";
panel.append(room);

let isFresh = false; // what stands there is of the archive as it is
let dragged = null; // the bar where the pointer went down

const bars = () => [...room.querySelectorAll(".cd-bar")];
const handles = () => [room.querySelector(".cd-from"), room.querySelector(".cd-to")];

async function load() {
  if (isFresh || panel.hidden) return;
  isFresh = true;
  try {
    citedesk.place(room, await (await citedesk.get("/citedesk/coverage")).text());
    room.style.setProperty("--cd-bars", String(Math.max(bars().length, 1)));
    follow(citedesk.limits);
  } catch (error) {
    isFresh = false;
    citedesk.say("bad", error.message);
  }
}

/** Makes the picture show this stretch of bars as picked. */
function draw(from, to) {
  const all = bars();
  if (!all.length) return;
  const isAll = from === 0 && to === all.length - 1;
  all.forEach((bar, at) => bar.classList.toggle("cd-left-out", at < from || at > to));
  const [first, last] = handles();
  if (first) {
    first.value = String(from);
    last.value = String(to);
    first.setAttribute("aria-valuetext", all[from].dataset.words);
    last.setAttribute("aria-valuetext", all[to].dataset.words);
  }
  const count = all.slice(from, to + 1).reduce((sum, bar) => sum + Number(bar.dataset.count), 0);
  const documents = `${count.toLocaleString("en")} ${count === 1 ? "document" : "documents"}`;
  const words = from === to ? all[from].dataset.words : `${first_of(all[from])} – ${last_of(all[to])}`;
  const line = room.querySelector(".cd-picked");
  line.replaceChildren(document.createTextNode(isAll ? `All dates: ${documents}.` : `Only ${words}: ${documents}. `));
  if (isAll) return;
  const all_again = document.createElement("button");
  all_again.type = "button";
  all_again.className = "cd-quiet cd-all-dates";
  all_again.textContent = "All dates";
  line.append(all_again);
}

const first_of = (bar) => bar.dataset.words.split(" – ")[0];
const last_of = (bar) => bar.dataset.words.split(" – ").at(-1);

/** Limits the next questions to this stretch; to all of it means to no stretch at all. */
function pick(from, to) {
  const all = bars();
  const [first, last] = from <= to ? [from, to] : [to, from];
  draw(first, last);
  const isAll = first === 0 && last === all.length - 1;
  citedesk.limit(isAll ? { since: null, until: null } : { since: all[first].dataset.since, until: all[last].dataset.until });
}

/** Shows what limits there are, wherever they were set. Dates as text have their order: 2024-03 is within 2024. */
function follow(limits) {
  const all = bars();
  if (!all.length) return;
  const { since = "", until = "" } = limits ?? {};
  const from = since ? all.findIndex((bar) => !isBefore(bar.dataset.until, since)) : 0;
  const to = until ? all.findLastIndex((bar) => !isBefore(until, bar.dataset.since)) : all.length - 1;
  if (from < 0 || to < 0 || from > to) return;
  draw(from, to);
}

/** Whether all of the first date lies before the second, compared as far as both are known. */
function isBefore(one, other) {
  const known = Math.min(one.length, other.length);
  return one.slice(0, known) < other.slice(0, known);
}

const barAt = (x) => {
  const all = bars();
  const box = room.querySelector(".cd-bars").getBoundingClientRect();
  return Math.min(all.length - 1, Math.max(0, Math.floor(((x - box.left) / box.width) * all.length)));
};

room.addEventListener("pointerdown", (event) => {
  const picture = event.target.closest(".cd-bars");
  if (!picture || event.button) return;
  event.preventDefault();
  dragged = barAt(event.clientX);
  picture.setPointerCapture(event.pointerId);
  draw(dragged, dragged);
});

room.addEventListener("pointermove", (event) => {
  if (dragged === null) return;
  const at = barAt(event.clientX);
  draw(Math.min(dragged, at), Math.max(dragged, at));
});

room.addEventListener("pointerup", (event) => {
  if (dragged === null) return;
  const from = dragged;
  dragged = null;
  pick(from, barAt(event.clientX));
});

room.addEventListener("pointercancel", () => {
  dragged = null;
  follow(citedesk.limits);
});

room.addEventListener("input", (event) => {
  const [first, last] = handles();
  // A handle pushes the other along rather than passing it.
  if (event.target === first) pick(Number(first.value), Math.max(Number(first.value), Number(last.value)));
  if (event.target === last) pick(Math.min(Number(first.value), Number(last.value)), Number(last.value));
});

room.addEventListener("click", (event) => {
  if (!event.target.closest(".cd-all-dates")) return;
  pick(0, bars().length - 1);
  handles()[0]?.focus();
});

document.addEventListener("citedesk:tab", load);
document.addEventListener("citedesk:archive", () => {
  isFresh = false;
  load();
});
document.addEventListener("citedesk:limits", ({ detail }) => follow(detail));
