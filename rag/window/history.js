/* The rail of earlier conversations: searched, opened, renamed, taken along, deleted. The list itself is made by the
   server; what changes it goes there first, and the list is asked for again. */

const rail = document.getElementById("cd-history");
const PAGE = 60;
const MORE = 240;
let limit = PAGE;
let asked = 0; // how often the list was asked for: an answer that comes late is not shown

const make = (tag, properties = {}, ...children) => {
  const { dataset, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  Object.assign(element.dataset, dataset ?? {});
  element.append(...children);
  return element;
};

const fresh = make("button", { type: "button", className: "cd-button cd-past-new", textContent: "New conversation" });
const search = make("input", {
  type: "search",
  id: "cd-past-search",
  className: "cd-field",
  placeholder: "Search conversations",
  title: "Search earlier conversations (Ctrl+K)",
  autocomplete: "off",
  maxLength: 200,
});
search.setAttribute("aria-label", "Search earlier conversations");
const list = make("div", { id: "cd-past-list" });
const found = make("p", { className: "cd-aside" });
found.setAttribute("role", "status");
rail.replaceChildren(make("div", { className: "cd-past-top" }, fresh, search), list, found);

/* ---- The list ---- */

const pathOf = (id, what = "") => `/citedesk/conversations/${encodeURIComponent(id)}${what}`;
const items = () => [...list.querySelectorAll(".cd-past-item")];
const isBusy = () => list.querySelector(".cd-past-rename, .cd-past-sure") !== null;

async function load() {
  const number = ++asked;
  const query = new URLSearchParams({
    search: search.value.trim(),
    limit,
    current: citedesk.conversation ?? "",
    minutes: -new Date().getTimezoneOffset(),
  });
  try {
    const html = await (await citedesk.get(`/citedesk/conversations?${query}`)).text();
    if (number !== asked || isBusy()) return;
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    const id = focused?.closest(".cd-past-item")?.dataset.id;
    citedesk.place(list, html);
    if (id) items().find((each) => each.dataset.id === id)?.querySelector(".cd-past-open").focus();
    const count = items().length;
    found.textContent = search.value.trim() ? `${count} conversation${count === 1 ? "" : "s"} found` : "";
  } catch (error) {
    if (number === asked) list.replaceChildren(make("p", { className: "cd-line cd-bad", textContent: error.message }));
  }
}

function markCurrent() {
  for (const item of items()) {
    const link = item.querySelector(".cd-past-open");
    if (item.dataset.id === citedesk.conversation) link?.setAttribute("aria-current", "true");
    else link?.removeAttribute("aria-current");
  }
}

let typing = 0;
search.addEventListener("input", () => {
  clearTimeout(typing);
  limit = PAGE;
  typing = setTimeout(load, 150);
});
search.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !search.value) return;
  event.preventDefault();
  event.stopPropagation();
  search.value = "";
  load();
});

rail.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.matches(".cd-past-rename input")) return;
  const links = items().map((item) => item.querySelector(".cd-past-open")).filter(Boolean);
  const at = links.indexOf(event.target.closest(".cd-past-item")?.querySelector(".cd-past-open"));
  const next = at + step;
  if (next < -1 || next >= links.length) return;
  event.preventDefault();
  (next < 0 ? search : links[next]).focus();
});

rail.addEventListener("click", (event) => {
  const link = event.target.closest(".cd-past-open");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    citedesk.restore(link.closest(".cd-past-item").dataset.id);
  }
  const more = event.target.closest(".cd-past-more");
  if (more) openMenu(more);
  if (event.target.closest(".cd-past-older")) {
    limit += MORE;
    load();
  }
});

fresh.addEventListener("click", () => document.getElementById("cd-fresh").click());

/* ---- What to do with one ---- */

const action = (name, text) => make("button", { type: "button", textContent: text, dataset: { act: name } });
const file = (suffix, text) => make("a", { textContent: text, download: "", dataset: { suffix } });
const menu = make(
  "div",
  { id: "cd-past-menu", popover: "auto" },
  action("rename", "Rename"),
  action("copy", "Copy link"),
  file("md", "Export as Markdown"),
  file("json", "Export as JSON"),
  action("delete", "Delete…"),
);
menu.setAttribute("role", "group");
document.getElementById("cd-app").append(menu);
let chosen = null; // the item that the menu is about

function openMenu(button) {
  chosen = button.closest(".cd-past-item");
  menu.setAttribute("aria-label", button.getAttribute("aria-label"));
  for (const link of menu.querySelectorAll("a")) link.href = pathOf(chosen.dataset.id, `.${link.dataset.suffix}`);
  menu.showPopover();
  const [at, size] = [button.getBoundingClientRect(), menu.getBoundingClientRect()];
  const below = at.bottom + 4;
  menu.style.left = `${Math.max(8, Math.min(at.right - size.width, innerWidth - size.width - 8))}px`;
  menu.style.top = `${below + size.height < innerHeight - 8 ? below : Math.max(8, at.top - size.height - 4)}px`;
  menu.querySelector("button").focus();
}

menu.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.stopPropagation(); // it closes the menu, and stops no answer
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...menu.children];
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
});

menu.addEventListener("click", (event) => {
  const used = event.target.closest("a, button");
  if (!used || !chosen) return;
  menu.hidePopover();
  const item = items().find((each) => each.dataset.id === chosen.dataset.id); // the list may have been drawn again
  if (!item?.querySelector(".cd-past-title")) return; // it is gone, or something else stands in its place
  if (used.dataset.act === "rename") rename(item);
  if (used.dataset.act === "copy") copyLink(item.dataset.id);
  if (used.dataset.act === "delete") confirmDelete(item);
});

const titleOf = (item) => item.querySelector(".cd-past-title").textContent;

async function copyLink(id) {
  const address = new URL(location.pathname, location.origin);
  address.searchParams.set("c", id);
  try {
    await navigator.clipboard.writeText(address.href);
    citedesk.say("good", "The link was copied. It opens this conversation as it is, for you only.");
  } catch {
    citedesk.say("plain", `Copy this link by hand: ${address.href}`);
  }
}

/** Puts something else in the place of an item until it is done; gives back what puts the item back. */
function instead(item, element) {
  const was = [...item.childNodes];
  item.replaceChildren(element);
  return () => {
    if (item.isConnected && element.isConnected) item.replaceChildren(...was);
  };
}

function rename(item) {
  const title = titleOf(item);
  const box = make("input", { className: "cd-field", value: title, maxLength: 120, dir: "auto" });
  box.setAttribute("aria-label", "New title");
  const form = make("form", { className: "cd-past-rename" }, box);
  const back = instead(item, form);
  let isDone = false;
  const end = async (isKept) => {
    if (isDone) return;
    isDone = true;
    const next = box.value.trim();
    try {
      if (isKept && next && next !== title) await citedesk.post(pathOf(item.dataset.id, "/rename"), { title: next });
    } catch (error) {
      citedesk.say("bad", error.message);
    }
    const hadFocus = form.contains(document.activeElement);
    back();
    if (hadFocus) item.querySelector(".cd-past-open").focus();
    await load();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    end(true);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    end(false);
  });
  box.addEventListener("blur", () => end(true));
  box.focus();
  box.select();
}

function confirmDelete(item) {
  const yes = make("button", { type: "button", className: "cd-button cd-past-delete", textContent: "Delete" });
  const no = make("button", { type: "button", className: "cd-quiet", textContent: "Keep" });
  const question = make("p", { textContent: `Delete “${titleOf(item)}” for good?`, dir: "auto" });
  const group = make("div", { className: "cd-past-sure" }, question, make("div", {}, yes, no));
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Delete this conversation?");
  const back = instead(item, group);
  const keep = () => {
    back();
    item.querySelector(".cd-past-open")?.focus();
    load(); // which was put off meanwhile
  };
  no.addEventListener("click", keep);
  group.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    keep();
  });
  yes.addEventListener("click", async () => {
    yes.disabled = true;
    const id = item.dataset.id;
    try {
      await citedesk.post(pathOf(id, "/delete"), {});
    } catch (error) {
      citedesk.say("bad", error.message);
      back();
      return load();
    }
    const at = items().indexOf(item);
    item.remove();
    if (citedesk.conversation === id) document.getElementById("cd-fresh").click();
    else (items()[at] ?? items().at(-1))?.querySelector(".cd-past-open")?.focus();
    citedesk.say("good", "The conversation was deleted.");
    return load();
  });
  no.focus();
}

/* ---- Beginning ---- */

document.addEventListener("citedesk:conversation", () => {
  markCurrent();
  load();
});
document.addEventListener("citedesk:answered", load);
citedesk.key("Ctrl+K", "search earlier conversations", () => {
  if (!rail.checkVisibility({ visibilityProperty: true }) || rail.getBoundingClientRect().right <= 0) citedesk.drawer("history");
  search.focus();
  search.select();
});
load();
