/* The archive's view: its documents, what is added, and the work on it.

   Files go up one by one, a few at a time, by XMLHttpRequest, which alone tells how far it has come; the server reads
   them once all are there. Work goes on whether anybody looks or not: the page asks how it stands, and a page that is
   loaded anew sees the same. */

const section = document.getElementById("cd-view-archive");
const AT_ONCE = 3; // files on their way up
const POLL_MS = 600; // while work is being done
const LOOK_MS = 12_000; // else: somebody at another computer may have begun some
const TYPING_MS = 220;
const SHOWN_ROWS = 300;

const find = (selector, root = section) => root.querySelector(selector);
const findAll = (selector, root = section) => [...root.querySelectorAll(selector)];
const make = (tag, name, text) => {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
};
const isShown = () => !section.hidden && document.visibilityState === "visible";
const counted = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;

// What could make a name read backwards, or look like another, is shown as damage.
const safe = (name) => name.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, "\ufffd");

let isOpen = false; // the room has been put into its place
let page = 0;
let order = "date";
let way = "down";
let version = -1;
let ended = null; // the newest job that was over when we last looked
let timer = 0;
let looked = 0; // which request for documents is the newest
const chosen = new Map(); // name -> title, over all pages
const watched = new Map(); // job -> what to do once it is over

/* ---- Saying ---- */

function say(kind, text) {
  const line = find(".cd-library-said-now");
  if (!line || section.hidden) return citedesk.say(kind, text);
  line.className = `cd-library-said-now cd-line cd-${kind}`;
  line.textContent = text;
  return undefined;
}

async function trying(work) {
  try {
    return await work();
  } catch (error) {
    say("bad", error.message);
    return null;
  }
}

/** Times as the reader's own clock has them. */
function localTimes(root) {
  for (const time of findAll("time", root)) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const today = moment.toDateString() === new Date().toDateString();
    const clock = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    const day = moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
    time.title = `${day}, ${clock}`;
    time.textContent = today ? `today, ${clock}` : `${day}, ${clock}`;
  }
}

/** Puts new HTML in; what was unfolded stays so, and the focus stays where it was. */
function renew(element, html) {
  const folds = (root) => findAll("details", root).map((each) => [each.firstElementChild.textContent, each]);
  const before = new Map(folds(element).map(([name, each]) => [name.replace(/[\d,.]+/g, "#"), each.open]));
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  citedesk.place(element, html);
  for (const [name, each] of folds(element)) {
    const was = before.get(name.replace(/[\d,.]+/g, "#"));
    if (was !== undefined) each.open = was;
  }
  localTimes(element);
  if (!focused) return;
  const { library: does, key, job } = focused.dataset;
  const again = does && findAll(`[data-library="${does}"]`, element).find((e) => e.dataset.key === key && e.dataset.job === job);
  again?.focus({ preventScroll: true });
}

/* ---- The documents ---- */

const form = () => find(".cd-library-look");

function asked() {
  const query = new URLSearchParams(new FormData(form()));
  query.set("order", order);
  query.set("way", way);
  query.set("page", String(page));
  return query;
}

async function load({ top = false } = {}) {
  if (!isOpen) return;
  const mine = ++looked;
  let answer;
  try {
    answer = await (await citedesk.get(`/citedesk/library?${asked()}`)).json();
  } catch (error) {
    if (mine === looked) say("bad", error.message);
    return;
  }
  if (mine !== looked) return; // somebody has typed on
  page = answer.page;
  find(".cd-library-held").textContent = answer.held;
  form().hidden = !answer.documents;
  section.classList.toggle("cd-library-is-empty", !answer.documents);
  showOutlets(answer.outlets);
  const list = find(".cd-library-list");
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset : null;
  citedesk.place(list, answer.list);
  localTimes(list);
  if (focused?.order) find(`[data-order="${focused.order}"]`, list)?.focus({ preventScroll: true });
  else if (focused?.page !== undefined) find(".cd-library-pages button:not([disabled])", list)?.focus({ preventScroll: true });
  for (const box of findAll('[data-library="pick"]', list)) box.checked = chosen.has(nameOf(box));
  wayWords();
  showChosen();
  if (top) find(".cd-library-look").scrollIntoView({ block: "nearest" });
}

function showOutlets(html) {
  const choice = form().elements.outlet;
  if (document.activeElement === choice) return; // it may be open
  const was = choice.value;
  const held = make("div");
  citedesk.place(held, `<select>${html}</select>`);
  choice.replaceChildren(...held.firstElementChild.children);
  choice.value = was;
  if (choice.selectedIndex < 0) choice.value = "any";
}

function wayWords() {
  const words = { date: ["Newest first", "Oldest first"], added: ["Last added first", "First added first"] };
  const [down, up] = words[order] ?? (order === "length" ? ["Longest first", "Shortest first"] : ["Z to A", "A to Z"]);
  find(".cd-library-way").textContent = way === "down" ? down : up;
  form().elements.order.value = order;
}

function sortBy(next, first) {
  way = next === order ? (way === "down" ? "up" : "down") : first;
  order = next;
  page = 0;
  load();
}

const rowOf = (element) => element.closest("tr[data-name]");
const nameOf = (element) => decodeURIComponent(rowOf(element).dataset.name);

function showChosen() {
  const bar = find(".cd-library-chosen");
  if (!bar) return;
  bar.hidden = !chosen.size;
  bar.firstElementChild.textContent = `${counted(chosen.size, "document")} chosen`;
  const boxes = findAll('[data-library="pick"]');
  const picked = boxes.filter((box) => box.checked).length;
  const whole = find('[data-library="pick-all"]');
  whole.checked = boxes.length > 0 && picked === boxes.length;
  whole.indeterminate = picked > 0 && picked < boxes.length;
  for (const box of boxes) rowOf(box).classList.toggle("cd-library-picked", box.checked);
}

function pick(box) {
  if (box.checked) chosen.set(nameOf(box), rowOf(box).dataset.title);
  else chosen.delete(nameOf(box));
}

/* ---- Asking before it is done ---- */

/** True where the reader says yes to a question that names what it is about. */
function sure({ title, names = [], explain, yes }) {
  const dialog = find(".cd-library-confirm");
  find("h3", dialog).textContent = title;
  find("p", dialog).textContent = explain;
  find('[value="yes"]', dialog).textContent = yes;
  const lines = names.slice(0, 10).map((name) => Object.assign(make("li", "", name), { dir: "auto" }));
  if (names.length > 10) lines.push(make("li", "", `and ${counted(names.length - 10, "other")}`));
  find("ul", dialog).replaceChildren(...lines);
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function remove(named) {
  const titles = [...named].map(([name, title]) => (title === name ? safe(name) : `${title} (${safe(name)})`));
  const agreed = await sure({
    title: titles.length === 1 ? "Remove this document?" : `Remove these ${titles.length} documents?`,
    names: titles,
    explain:
      titles.length === 1
        ? "No answer will rest on it any more. Its file is not deleted: from there it can be put back."
        : "No answer will rest on them any more. Their files are not deleted: from there they can be put back.",
    yes: "Remove",
  });
  if (!agreed) return;
  await begin("/citedesk/remove", { names: [...named.keys()] }, (job) => {
    if (job.state !== "done") return;
    for (const name of named.keys()) chosen.delete(name);
    showChosen();
    say("good", titles.length === 1 ? `Removed: ${titles[0]}` : `${counted(titles.length, "document")} removed`);
  });
}

async function again(names) {
  await begin("/citedesk/again", { names }, (job) => job.state === "done" && say("good", `Read again: ${job.report}.`));
}

async function againWhole(row) {
  const holds = Number(row.dataset.holds);
  const explain = `Its file holds ${holds} documents, and all of them are read again. They stay in the archive meanwhile.`;
  const agreed = holds < 2 || (await sure({ title: "Read its file again?", names: [row.dataset.title], explain, yes: "Read again" }));
  if (agreed) await again([nameOf(row)]);
}

/* ---- Work ---- */

/** Has work begun; `then` gets the job once it is over. */
async function begin(path, sent, then = () => {}) {
  const answer = await trying(() => citedesk.post(path, sent));
  if (!answer) return null;
  watched.set(answer.job, then);
  poll();
  return answer.job;
}

async function poll() {
  clearTimeout(timer);
  let answer = null;
  try {
    answer = await (await citedesk.get(`/citedesk/jobs?version=${version}`)).json();
  } catch {
    timer = setTimeout(poll, LOOK_MS); // the server is away: the next look may find it again
    return;
  }
  if (answer.version !== version) {
    version = answer.version;
    if (isOpen) {
      renew(find(".cd-library-work"), answer.work);
      hideOwn();
      renew(find(".cd-library-kept"), answer.kept);
    }
    const isNew = ended !== null && answer.ended !== ended;
    ended = answer.ended;
    if (isNew) changed();
    await settle();
  }
  if (answer.busy) timer = setTimeout(poll, POLL_MS);
  else if (isShown()) timer = setTimeout(poll, LOOK_MS);
}

const shownAbove = new Set(); // jobs of uploads whose files stand on this page with what became of each

function hideOwn() {
  for (const job of findAll(".cd-library-job")) job.hidden = shownAbove.has(Number(job.dataset.job));
  const jobs = find(".cd-library-jobs");
  if (!jobs) return;
  const earlier = find(".cd-library-earlier", jobs);
  if (earlier) earlier.hidden = !find(".cd-library-job:not([hidden])", earlier);
  jobs.hidden = !find(":scope > :not([hidden])", jobs);
}

/** The archive is another than it was. */
function changed() {
  load();
  document.dispatchEvent(new CustomEvent("citedesk:archive", { detail: {} }));
}

async function settle() {
  for (const [number, then] of [...watched]) {
    const job = await (await citedesk.get(`/citedesk/jobs/${number}`)).json().catch(() => null);
    if (!job || !["done", "failed", "stopped"].includes(job.state)) {
      if (job) then(job);
      continue;
    }
    watched.delete(number);
    if (job.error) say("bad", job.error);
    then(job);
  }
}

/* ---- Adding ---- */

const suffixOf = (name) => (/\.[^./\\]+$/.exec(name)?.[0] ?? "").toLowerCase();
const readable = () => new Set(find(".cd-library-drop").dataset.suffixes.split(","));
const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** A row for a file: its name, how far it has come, and what became of it. */
function row(file, label) {
  const line = make("li", "cd-library-upload");
  const name = make("bdi", "cd-library-upload-name", safe(label));
  name.dir = "auto";
  const bar = make("progress", "cd-library-progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", `Upload of ${label}`);
  const state = make("span", "cd-library-upload-state", "waiting");
  line.append(name, make("small", "", size(file.size)), bar, state);
  return { line, bar, state };
}

function outcome({ line, bar, state }, kind, words) {
  bar.remove();
  line.dataset.is = kind;
  state.textContent = words;
}

function send(file, label, batch, shown) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const query = new URLSearchParams({ batch, name: label });
    request.open("POST", `/citedesk/upload?${query}`);
    request.setRequestHeader("x-citedesk", "1");
    request.setRequestHeader("content-type", "application/octet-stream");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      shown.bar.value = event.total ? event.loaded / event.total : 0;
      shown.state.textContent = `uploading, ${Math.round(100 * shown.bar.value)} %`;
    };
    request.onload = () => {
      if (request.status === 200) {
        shown.bar.removeAttribute("value");
        shown.state.textContent = "uploaded";
        resolve(request.response.file);
      } else {
        outcome(shown, "bad", request.response?.error ?? `not added: the server answered ${request.status}`);
        resolve(null);
      }
    };
    request.onerror = () => {
      outcome(shown, "bad", "not added: the connection was lost");
      resolve(null);
    };
    request.send(file);
  });
}

/** A heap of files as one upload, read together. `files` are [File, label] pairs. */
async function add(files) {
  await open();
  const known = readable();
  const visible = files.filter(([, label]) => !label.split("/").some((part) => part.startsWith(".")));
  const fit = visible.filter(([, label]) => known.has(suffixOf(label)));
  const others = visible.filter(([, label]) => !known.has(suffixOf(label)));
  const suffixes = [...new Set(others.map(([, label]) => suffixOf(label) || "no suffix"))].slice(0, 6).join(", ");
  const left = others.length ? `${counted(others.length, "file")} left out, as nothing reads them (${suffixes}).` : "";
  if (!fit.length) return say("bad", left || "There is no file in it that can be read.");
  if (left) say("plain", left);
  const begun = await trying(() => citedesk.post("/citedesk/uploads", {}));
  if (!begun) return undefined;
  const { batch, limits } = begun;
  const title = fit.length === 1 ? fit[0][1] : heapName(fit);
  const heap = heading(title, fit.length);
  const rows = new Map(); // the path that the server gave a file -> its row
  const waiting = fit.map(([file, label], at) => {
    const shown = row(file, label);
    if (at < SHOWN_ROWS) heap.list.append(shown.line);
    return { file, label, shown };
  });
  if (waiting.length > SHOWN_ROWS) heap.list.append(make("li", "cd-library-hint", `and ${waiting.length - SHOWN_ROWS} more`));
  let arrived = 0;
  const tell = () => {
    heap.bar.value = arrived;
    heap.state.textContent = `${arrived.toLocaleString("en")} of ${counted(fit.length, "file")} uploaded`;
  };
  tell();
  const sender = async () => {
    while (waiting.length) {
      const { file, label, shown } = waiting.shift();
      if (file.size > limits.file_bytes) {
        outcome(shown, "bad", `is over the limit of ${size(limits.file_bytes)}; split it`);
      } else if (!file.size) {
        outcome(shown, "bad", "is empty");
      } else {
        shown.state.textContent = "uploading";
        const inside = await send(file, label, batch, shown);
        if (inside !== null) rows.set(inside, shown);
      }
      arrived += 1;
      tell();
    }
  };
  uploading += 1;
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  uploading -= 1;
  if (!rows.size) {
    heap.done("bad", "nothing was added");
    trying(() => citedesk.post("/citedesk/uploads/drop", { batch }));
    return undefined;
  }
  for (const shown of rows.values()) shown.state.textContent = "waiting to be read";
  heap.bar.removeAttribute("value");
  heap.state.textContent = "waiting to be read";
  const said = Object.fromEntries(new FormData(find(".cd-library-said")));
  const sent = { batch, title, ...said };
  heap.refused = fit.length - rows.size;
  heap.job = await begin("/citedesk/uploads/read", sent, (now) => report(now, rows, heap));
  if (heap.job === null) heap.done("bad", "not read");
  else shownAbove.add(heap.job);
  return undefined;
}

let uploading = 0;
addEventListener("beforeunload", (event) => {
  if (uploading) event.preventDefault();
});

function heapName(files) {
  const tops = new Set(files.map(([, label]) => (label.includes("/") ? label.split("/")[0] : "")));
  const [top] = tops;
  return tops.size === 1 && top ? `${top}, ${counted(files.length, "file")}` : counted(files.length, "file");
}

function heading(title, count) {
  const box = make("details", "cd-library-heap");
  box.open = count <= 12;
  const summary = make("summary");
  const bar = make("progress", "cd-library-progress");
  bar.max = count;
  bar.setAttribute("aria-label", `Upload of ${title}`);
  const state = make("span", "cd-library-upload-state", "waiting");
  const close = make("button", "cd-quiet cd-library-close", "Close");
  close.type = "button";
  close.hidden = true;
  const name = make("strong", "", safe(title));
  name.dir = "auto";
  summary.append(name, state, bar, close);
  const list = make("ul");
  box.append(summary, list);
  const place = find(".cd-library-uploads");
  place.hidden = false;
  place.prepend(box);
  close.addEventListener("click", (event) => {
    event.preventDefault(); // else the summary would take it
    box.remove();
    place.hidden = !place.childElementCount;
    shownAbove.delete(heap.job);
    hideOwn();
  });
  const done = (kind, words) => {
    bar.remove();
    box.dataset.is = kind;
    state.textContent = words;
    close.hidden = false;
  };
  const heap = { box, list, bar, state, done, job: null, refused: 0 };
  return heap;
}

const WORDS = {
  added: ["good", "added"],
  updated: ["good", "updated"],
  unchanged: ["plain", "already there"],
  duplicate: ["plain", "already there"],
  failed: ["bad", "not added: it"],
};

/** What a job says of each file of an upload, and in the end of all. */
function report(job, rows, heap) {
  const about = new Map();
  for (const each of job.outcomes) about.set(each.file, [...(about.get(each.file) ?? []), each]);
  for (const [inside, shown] of rows) {
    const outcomes = about.get(inside);
    if (outcomes && !shown.line.dataset.is) tellOne(shown, outcomes);
    else if (!outcomes && job.state === "running") shown.state.textContent = "reading";
  }
  if (job.state === "running") {
    if (job.total) {
      heap.bar.max = job.total;
      heap.bar.value = job.done;
    }
    heap.state.textContent = `reading, ${job.done} of ${job.total || rows.size} done`;
  }
  if (!["done", "failed", "stopped"].includes(job.state)) return;
  for (const shown of rows.values()) if (!shown.line.dataset.is) outcome(shown, "plain", job.error || "not read");
  const failed = heap.refused || job.error || job.outcomes.some((each) => each.change === "failed");
  const came = job.outcomes.some((each) => each.change !== "failed");
  const counts = [job.report, heap.refused ? `${heap.refused} not uploaded` : ""].filter(Boolean).join(", ");
  const words = job.error || `${job.state === "stopped" ? "stopped; " : ""}${counts || "nothing to do"}`;
  const kind = failed ? (came ? "plain" : "bad") : "good";
  if (job.hidden) heap.list.append(make("li", "cd-library-hint", job.hidden));
  heap.done(kind, words);
  if (section.hidden) citedesk.say(kind, `${find("strong", heap.box).textContent}: ${words}`);
}

function tellOne(shown, outcomes) {
  const failed = outcomes.find((each) => each.change === "failed");
  if (outcomes.length === 1) {
    const [{ change, detail, name }] = outcomes;
    const [kind, words] = WORDS[change] ?? ["plain", change];
    const isCalledElse = change === "added" && name !== shown.line.firstElementChild.textContent;
    const plain = isCalledElse ? `${words} as ${safe(name)}` : words;
    const more = change === "failed" ? ` ${detail}` : detail ? ` (${detail})` : "";
    outcome(shown, kind, plain + more);
    return;
  }
  const added = outcomes.filter((each) => ["added", "updated"].includes(each.change)).length;
  const words = `${counted(added, "document")} added`;
  outcome(shown, failed ? "bad" : "good", failed ? `${words}; ${failed.name} ${failed.detail}` : words);
}

/** Everything in a dropped folder, as [File, label] pairs. */
async function filesIn(entry, above = "") {
  const label = above + entry.name;
  if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    return file ? [[file, label]] : [];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (!some.length) break;
    for (const each of some) found.push(...(await filesIn(each, `${label}/`)));
  }
  return found;
}

async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return add([...transfer.files].map((file) => [file, file.name]));
  return add((await Promise.all(entries.map((entry) => filesIn(entry)))).flat());
}

/* ---- What is clicked, typed and dropped ---- */

const ACTS = {
  files: () => find(".cd-library-files").click(),
  folder: () => find(".cd-library-folder").click(),
  open: (button) => citedesk.open(nameOf(button)),
  again: (button) => againWhole(rowOf(button)),
  remove: (button) => remove(new Map([[nameOf(button), rowOf(button).dataset.title]])),
  "remove-chosen": () => remove(new Map(chosen)),
  "again-chosen": () => again([...chosen.keys()]),
  all: () => {
    form().reset();
    page = 0;
    load();
  },
  turn: () => sortBy(order, way),
  stop: (button) => trying(() => citedesk.post("/citedesk/stop-job", { job: Number(button.dataset.job) })).then(poll),
  forget: () => trying(() => citedesk.post("/citedesk/forget-failures", {})).then(poll),
  undo: (button) =>
    begin("/citedesk/put-back", { key: button.dataset.key }, (job) => {
      if (job.state === "done" && !job.outcomes.some((each) => each.change === "failed")) say("good", "Put back.");
    }),
  delete: async (button) => {
    const names = [find("bdi", button.closest("li")).textContent];
    const explain = "The uploaded file is gone then, and the document cannot be put back.";
    if (await sure({ title: "Delete this file for good?", names, explain, yes: "Delete for good" })) {
      await trying(() => citedesk.post("/citedesk/delete", { key: button.dataset.key }));
      version = -1;
      poll();
    }
  },
  "delete-all": async () => {
    const explain = "All uploaded files that no document is read from are gone then; nothing of them can be put back.";
    if (await sure({ title: "Delete these files for good?", explain, yes: "Delete for good" })) {
      await trying(() => citedesk.post("/citedesk/delete", { all: true }));
      version = -1;
      poll();
    }
  },
  "again-all": async () => {
    const explain =
      "Every file that is still where it was is read and embedded again, which takes as long as adding it did. " +
      "Questions are answered meanwhile.";
    if (await sure({ title: "Read all files again?", explain, yes: "Read all again" })) {
      await begin("/citedesk/again", { all: true });
    }
  },
  rebuild: async () => {
    const explain = "The indexes are built again from what is stored. Questions are answered meanwhile, from the indexes as they are.";
    if (await sure({ title: "Rebuild the indexes?", explain, yes: "Rebuild" })) {
      await begin("/citedesk/rebuild", {}, (job) => job.state === "done" && say("good", "The indexes are built again."));
    }
  },
};

section.addEventListener("click", (event) => {
  const button = event.target.closest("button, input[type=checkbox]");
  if (!button || !section.contains(button)) return;
  const { library: does, order: by, page: to, open } = button.dataset;
  if (by) sortBy(by, button.dataset.first);
  else if (open !== undefined) citedesk.open(decodeURIComponent(open));
  else if (to !== undefined) {
    page = Number(to);
    load({ top: true });
  } else if (does === "pick") {
    pick(button);
    showChosen();
  } else if (does === "pick-all") {
    for (const box of findAll('[data-library="pick"]')) {
      box.checked = button.checked;
      pick(box);
    }
    showChosen();
  } else if (does in ACTS) {
    if (button.closest(".cd-library-menu")) find(".cd-library-more").open = false;
    ACTS[does](button);
  }
});

let typing = 0;
function lookAgain(event) {
  if (!event.target.closest(".cd-library-look")) return;
  if (event.target.name === "order") return;
  clearTimeout(typing);
  typing = setTimeout(() => {
    page = 0;
    say("plain", "");
    load();
  }, TYPING_MS);
}
section.addEventListener("input", lookAgain);
section.addEventListener("change", (event) => {
  const { target } = event;
  if (target.name === "order") sortBy(target.value, ["title", "outlet"].includes(target.value) ? "up" : "down");
  if (target.type !== "file") return;
  const files = [...target.files].map((file) => [file, file.webkitRelativePath || file.name]);
  target.value = "";
  if (files.length) add(files);
});

section.addEventListener("submit", async (event) => {
  if (event.target.matches("dialog form")) return;
  event.preventDefault();
  if (!event.target.matches(".cd-library-path")) return;
  const said = Object.fromEntries(new FormData(find(".cd-library-said")));
  const path = event.target.elements.path.value;
  const job = await begin("/citedesk/folder", { path, ...said }, (now) => {
    if (["done", "stopped"].includes(now.state)) {
      const failed = now.outcomes.some((each) => each.change === "failed");
      say(failed ? "bad" : "good", `${path}: ${now.report || "nothing to do"}`);
    }
  });
  if (job === null) return;
  event.target.reset();
  find(".cd-library-more").open = false;
});

document.addEventListener("click", (event) => {
  const more = find(".cd-library-more");
  if (more?.open && !more.contains(event.target)) more.open = false;
});
section.addEventListener("keydown", (event) => {
  const more = find(".cd-library-more");
  if (event.key !== "Escape" || !more?.open) return;
  more.open = false;
  find("summary", more).focus();
});

/* Dropped anywhere on the window: the archive's view opens and takes it. */
const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
let over = 0;
document.addEventListener("dragenter", (event) => {
  if (!holdsFiles(event)) return;
  over += 1;
  document.getElementById("cd-app").classList.add("cd-dropping");
});
document.addEventListener("dragleave", (event) => {
  if (!holdsFiles(event)) return;
  over = Math.max(0, over - 1);
  if (!over) document.getElementById("cd-app").classList.remove("cd-dropping");
});
document.addEventListener("dragover", (event) => {
  if (holdsFiles(event)) event.preventDefault();
});
document.addEventListener("drop", async (event) => {
  if (!holdsFiles(event)) return;
  event.preventDefault();
  over = 0;
  document.getElementById("cd-app").classList.remove("cd-dropping");
  const files = dropped(event.dataTransfer); // what is dropped is there only until the event has passed
  citedesk.view("archive");
  await files;
});

/* ---- Coming in ---- */

let opening = null;

function open() {
  opening ??= (async () => {
    citedesk.place(section, await (await citedesk.get("/citedesk/library/room")).text());
    isOpen = true;
    way = "down";
    version = -1;
    await load();
  })().catch((error) => {
    opening = null;
    citedesk.place(section, "");
    section.append(make("p", "cd-line cd-bad", error.message));
  });
  return opening;
}

document.addEventListener("citedesk:view", async (event) => {
  const name = typeof event.detail === "string" ? event.detail : event.detail?.name;
  if (name !== "archive") return;
  const isFirst = !isOpen;
  await open();
  if (!isFirst) load();
  poll();
});
document.addEventListener("visibilitychange", () => isShown() && isOpen && poll());
