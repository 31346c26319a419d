/* The timeline at the side: the shown answer's documents over time. A dot leads to its card, or opens its document;
   of all dots one can be reached with Tab, the arrow keys go from one to the next. */

const panel = document.getElementById("cd-tab-timeline");
const picture = document.createElement("div");
picture.className = "cd-picture";
picture.dataset.empty = panel.dataset.empty;
panel.prepend(picture);

const dots = () => [...picture.querySelectorAll(".cd-dot")];

function reachable(dot) {
  for (const each of dots()) each.setAttribute("tabindex", each === dot ? "0" : "-1");
}

function use(dot) {
  const { document: name, marker, start, end } = dot.dataset;
  if (marker) citedesk.cite(picture.dataset.turn, marker);
  else citedesk.open(name, Number(start), Number(end));
}

document.addEventListener("citedesk:shown", ({ detail }) => {
  if (!citedesk.carried(detail.turn, ".cd-timeline", picture)) return;
  reachable(dots()[0]);
});

picture.addEventListener("click", (event) => {
  const dot = event.target.closest(".cd-dot");
  if (dot) use(dot);
});

picture.addEventListener("keydown", (event) => {
  const dot = event.target.closest(".cd-dot");
  if (!dot) return;
  const all = dots();
  const at = all.indexOf(dot);
  const steps = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 };
  if (event.key === "Enter" || event.key === " ") use(dot);
  else if (event.key in steps) {
    const next = all[(steps[event.key] + all.length) % all.length];
    reachable(next);
    next.focus();
  } else return;
  event.preventDefault();
});
