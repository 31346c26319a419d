/* What happens in the browser: the conversation, and `window.citedesk`, which the rooms' scripts work with.

   Questions go to the server, and exchanges come back, over one wire: a hidden element of Gradio's. What comes back
   is made part of the thread where it differs from what stands there, so that a selection, the focus and an open menu
   outlive the next words. HTML is made into nodes in one place only (`place`), and only what our own server made;
   all else moves as text or as nodes that the page already holds. */

(() => {
  if (window.citedesk) return;

  try {
    // Dark at once where that was chosen; rag/window/settings_page.js does the rest.
    if (JSON.parse(localStorage.getItem("citedesk.settings"))?.theme === "dark") document.documentElement.classList.add("dark");
  } catch {
    // A browser that keeps nothing, or keeps nonsense under that name: then as the system says.
  }

  const byId = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`citedesk:${name}`, { detail }));
  const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const glide = () => (isCalm() ? "auto" : "smooth");
  const LONELY_S = 20; // how long nothing at all may come back for a question

  /* ---- Starting: the frame is there once Gradio has drawn it ---- */

  const waiting = [];
  let isReady = false;

  function run(start) {
    try {
      start();
    } catch (error) {
      console.error("a part of the window did not start", error);
    }
  }

  /** Runs `start` when the frame stands; one that fails leaves the others alone. */
  function ready(start) {
    if (isReady) run(start);
    else waiting.push(start);
  }

  const arriving = new MutationObserver(() => {
    if (!byId("cd-app") || !byId("cd-wire")) return;
    arriving.disconnect();
    isReady = true;
    waiting.splice(0).forEach(run);
    tell("ready", {});
  });
  arriving.observe(document.documentElement, { childList: true, subtree: true });

  /* ---- To and from the server ---- */

  async function answered(response) {
    if (response.ok) return response;
    const said = await response.json().catch(() => ({}));
    throw new Error(said.error ?? `The server answered ${response.status}.`);
  }

  const unreachable = () => {
    throw new Error("The window's server cannot be reached. Is it still running?");
  };

  const get = async (path) => answered(await fetch(path, { credentials: "same-origin" }).catch(unreachable));

  async function post(path, value) {
    const headers = { "content-type": "application/json", "x-citedesk": "1" };
    const body = JSON.stringify(value);
    const options = { method: "POST", credentials: "same-origin", headers, body };
    const response = await answered(await fetch(path, options).catch(unreachable));
    return (response.headers.get("content-type") ?? "").includes("json") ? response.json() : response.text();
  }

  const nodes = (html) => new DOMParser().parseFromString(html, "text/html").body;

  /** Makes HTML from our own server the content of an element. */
  function place(element, html) {
    element.replaceChildren(...nodes(html).childNodes);
  }

  /** Makes `old` what `fresh` is, and leaves alone what is the same. */
  function become(old, fresh) {
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
      old.replaceWith(fresh.cloneNode(true));
      return;
    }
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
      return;
    }
    if (old.isEqualNode(fresh)) return;
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const [was, is] = [[...old.childNodes], [...fresh.childNodes]];
    is.forEach((node, at) => (was[at] ? become(was[at], node) : old.append(node.cloneNode(true))));
    was.slice(is.length).forEach((node) => node.remove());
  }

  /* ---- Short messages ---- */

  let fading = 0;

  /** A short message under the thread; `kind` is good, plain or bad. */
  function say(kind, text) {
    clearTimeout(fading);
    const line = make("p", `cd-line cd-${kind}`, text);
    byId("cd-notice").replaceChildren(line);
    if (kind !== "bad") fading = setTimeout(() => line.remove(), 8000);
  }

  const hush = () => byId("cd-notice").replaceChildren();

  /* ---- The thread ---- */

  const turns = () => all("#cd-exchanges > .cd-exchange:not([hidden])");
  const exchange = (turn) => turns().find((each) => each.dataset.turn === String(turn));
  let working = null; // {ask, turn, element, replaced, question, watch} while an answer is on its way
  let shown = null; // the turn whose sources the side shows
  let editing = null; // the turn that the next question replaces
  let wire = null;

  /** Makes the sources of this turn the ones at the side. */
  function show(turn) {
    shown = turn === null || turn === undefined ? null : String(turn);
    tell("shown", { turn: shown });
  }

  function settle() {
    const isEmpty = !turns().length;
    byId("cd-start").hidden = !isEmpty;
    byId("cd-app").classList.toggle("cd-empty", isEmpty);
    all(".cd-newest").forEach((each) => each.classList.remove("cd-newest"));
    turns().at(-1)?.classList.add("cd-newest");
    byId("cd-stop").hidden = !working;
    byId("cd-send").hidden = Boolean(working);
  }

  /** An exchange before the server has said anything. */
  function begun(turn, ask, question) {
    const element = make("article", "cd-exchange cd-working");
    Object.assign(element.dataset, { turn: String(turn), ask, conversation: "", without: "" });
    element.setAttribute("aria-busy", "true");
    element.setAttribute("aria-label", `Question ${turn + 1}`);
    const asked = make("div", "cd-question");
    asked.dir = "auto";
    asked.append(make("span", "cd-aside", "You asked: "), question);
    const answer = make("div", "cd-answer");
    answer.append(make("p", "cd-badge", "Searching…"), make("div", "cd-text"));
    element.append(asked, make("ul", "cd-understood"), answer);
    return element;
  }

  const token = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

  /** Asks as if typed. `turn` says in place of which earlier question. */
  function ask(question, { without = [], turn = null, ...limits } = {}) {
    const text = String(question).trim();
    if (!text) return say("plain", "Type a question first.");
    if (working) return say("plain", "An answer is on its way: wait for it, or stop it first.");
    if (!wire) return say("plain", "The window is still starting: ask again in a moment.");
    view("chat");
    hush();
    const replaced = turns().filter((each) => turn !== null && Number(each.dataset.turn) >= turn);
    const at = turns().length - replaced.length;
    const sent = { ...citedesk.settings, ...citedesk.limits, ...limits };
    const name = token();
    const element = begun(at, name, text);
    const hadFocus = replaced.some((each) => each.contains(document.activeElement));
    replaced.forEach((each) => (each.hidden = true));
    byId("cd-exchanges").append(element);
    if (hadFocus) byId("cd-thread").focus({ preventScroll: true }); // the keys go on working
    working = { ask: name, turn: at, element, replaced, question: text };
    working.watch = setTimeout(lonely, LONELY_S * 1000);
    stopEditing();
    settle();
    show(at);
    element.scrollIntoView({ block: "start" });
    byId("cd-spoken").textContent = "Searching…";
    wire.ask({ ...sent, ask: name, question: text, keep: at, conversation: citedesk.conversation, without });
    return undefined;
  }

  /** Nothing came back for long: the question waits behind others', or the server is gone. */
  async function lonely() {
    const { ask: name, element } = working;
    try {
      await get("/citedesk/start");
    } catch (error) {
      if (working?.ask === name) give(error.message);
      return;
    }
    if (working?.ask !== name) return;
    element.querySelector(".cd-badge").textContent = "Waiting for its turn…";
    working.watch = setTimeout(lonely, LONELY_S * 1000);
  }

  /** Takes a question back that was not answered at all. */
  function give(why) {
    if (!working) return;
    const { element, replaced, question } = working;
    finish();
    element.remove();
    replaced.forEach((each) => (each.hidden = false));
    if (!byId("cd-box").value) byId("cd-box").value = question;
    grow();
    settle();
    show(turns().at(-1)?.dataset.turn ?? null);
    say("bad", why);
  }

  function finish() {
    clearTimeout(working?.watch);
    working = null;
  }

  /** HTML of an exchange, or of a refusal, came over the wire. */
  function arrived(html) {
    const fresh = nodes(html ?? "").firstElementChild;
    if (!fresh || !working) return;
    const isOurs = fresh.dataset.ask === working.ask;
    if (fresh.matches(".cd-refusal") && (isOurs || !fresh.dataset.ask)) return give(fresh.textContent);
    if (!isOurs) return undefined;
    clearTimeout(working.watch);
    const { element, turn } = working;
    const isDone = fresh.getAttribute("aria-busy") === "false";
    const had = all(":scope > [hidden]", element);
    const isSame = fresh.querySelector(".cd-sources") === null;
    element.classList.remove("cd-newest");
    become(element, fresh);
    if (isSame) element.append(...had); // what is hidden comes along only where it changed
    element.classList.add("cd-newest");
    if (shown === String(turn) && !isSame) show(turn);
    if (!isDone) return undefined;
    working.replaced.forEach((each) => each.remove());
    finish();
    settle();
    remember(element.dataset.conversation || citedesk.conversation);
    byId("cd-spoken").textContent = spoken(element);
    tell("answered", { turn });
    return undefined;
  }

  const spoken = (element) => {
    const parts = [".cd-badge", ".cd-doubt, .cd-sure", ".cd-text"].map((part) => element.querySelector(part)?.textContent);
    return parts.filter(Boolean).join(". ");
  };

  function remember(id) {
    if (citedesk.conversation === id) return;
    citedesk.conversation = id;
    const address = new URL(location.href);
    if (id) address.searchParams.set("c", id);
    else address.searchParams.delete("c");
    history.replaceState(null, "", address);
    tell("conversation", { id });
  }

  function stop() {
    if (!working) return;
    wire.stop(working.ask);
    const badge = working.element.querySelector(".cd-badge");
    if (badge) badge.textContent = "Stopping…";
  }

  /** An empty thread. */
  function clear() {
    if (working) {
      wire.stop(working.ask);
      finish();
    }
    byId("cd-exchanges").replaceChildren();
    stopEditing();
    hush();
    settle();
    show(null);
  }

  function fresh() {
    clear();
    remember(null);
    view("chat");
    byId("cd-box").focus();
    begin();
  }

  /** Brings a conversation that was kept back as it was. */
  async function restore(id) {
    if (!id) return fresh();
    try {
      const html = await (await get(`/citedesk/conversation?id=${encodeURIComponent(id)}`)).text();
      clear();
      view("chat");
      place(byId("cd-exchanges"), html);
      remember(id);
      settle();
      show(turns().at(-1)?.dataset.turn ?? null);
      turns().at(-1)?.scrollIntoView({ block: "start" });
    } catch (error) {
      say("bad", error.message);
      if (!citedesk.conversation) remember(null);
    }
    return undefined;
  }

  /** Takes the last exchange away. */
  async function undo() {
    const last = turns().at(-1);
    if (!last || working) return;
    last.remove();
    settle();
    show(turns().at(-1)?.dataset.turn ?? null);
    byId("cd-box").focus();
    say("plain", "The last question was taken back.");
    const keep = turns().length;
    if (!citedesk.conversation) return;
    try {
      await post("/citedesk/undo", { conversation: citedesk.conversation, keep });
      if (!keep) remember(null);
      else tell("conversation", { id: citedesk.conversation });
    } catch (error) {
      say("bad", error.message);
    }
  }

  /** Puts a question back into the box; what is sent next replaces it and what followed. */
  function edit(turn) {
    if (working) return;
    editing = Number(turn);
    const box = byId("cd-box");
    box.value = questionOf(exchange(turn));
    byId("cd-editing").hidden = false;
    all(".cd-exchange.cd-going").forEach((each) => each.classList.remove("cd-going"));
    turns().filter((each) => Number(each.dataset.turn) >= editing).forEach((each) => each.classList.add("cd-going"));
    grow();
    box.focus();
    box.setSelectionRange(box.value.length, box.value.length);
  }

  /** Opens the menu of forms downwards where there is no room above. */
  function fit(menu) {
    menu.classList.remove("cd-below");
    const top = Math.max(byId("cd-thread").getBoundingClientRect().top, 0);
    if (menu.open) menu.classList.toggle("cd-below", menu.querySelector("div").getBoundingClientRect().top < top);
  }

  function stopEditing() {
    editing = null;
    byId("cd-editing").hidden = true;
    all(".cd-going").forEach((each) => each.classList.remove("cd-going"));
  }

  const questionOf = (element) =>
    [...element.querySelector(".cd-question").childNodes]
      .filter((node) => node.nodeType === Node.TEXT_NODE)
      .map((node) => node.data)
      .join("");
  const withoutOf = (element) => element.dataset.without.split(" ").filter(Boolean);

  function askAgain(element, without = withoutOf(element)) {
    ask(questionOf(element), { without, turn: Number(element.dataset.turn) });
  }

  /* ---- Copying and judging ---- */

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without a safe connection there is no clipboard but the old one.
      const box = make("textarea", "cd-aside", text);
      document.body.append(box);
      box.select();
      const isDone = document.execCommand("copy");
      box.remove();
      if (!isDone) return say("bad", "The browser did not let us copy. Select the text and copy it by hand.");
    }
    return say("good", "Copied, with its citations.");
  }

  async function judge(element, verdict, reason = "") {
    const { turn, conversation } = element.dataset;
    const pressed = verdict && element.querySelector(`[data-verdict="${verdict}"]`);
    all("[data-verdict]", element).forEach((each) => each.setAttribute("aria-pressed", String(each === pressed)));
    const why = element.querySelector(".cd-why");
    why.hidden = verdict !== "down" || Boolean(reason);
    if (!why.hidden) why.querySelector("input").focus();
    try {
      const id = conversation || citedesk.conversation;
      await post("/citedesk/feedback", { conversation: id, turn: Number(turn), verdict, reason });
      if (verdict && (reason || verdict === "up")) say("good", "Thank you, this was noted in the archive's folder.");
    } catch (error) {
      say("bad", error.message);
    }
  }

  /* ---- The small card at a number ---- */

  let peeking = null;

  function peek(chip) {
    const card = byId("cd-peek");
    const about = chip.closest(".cd-exchange")?.querySelector(`.cd-peeks [data-marker="${chip.dataset.marker}"]`);
    if (!about) return;
    peeking = chip;
    card.replaceChildren(...about.cloneNode(true).childNodes);
    card.hidden = false;
    chip.setAttribute("aria-describedby", "cd-peek");
    const [at, size] = [chip.getBoundingClientRect(), card.getBoundingClientRect()];
    const left = Math.min(Math.max(8, at.left + at.width / 2 - size.width / 2), innerWidth - size.width - 8);
    const above = at.top - size.height - 8;
    card.style.left = `${left}px`;
    card.style.top = `${above > 8 ? above : Math.min(at.bottom + 8, innerHeight - size.height - 8)}px`;
  }

  function unpeek() {
    peeking?.removeAttribute("aria-describedby");
    peeking = null;
    const card = byId("cd-peek");
    if (card) card.hidden = true;
  }

  /* ---- Views, tabs, drawers ---- */

  function view(name) {
    const was = byId("cd-app").dataset.view;
    byId("cd-app").dataset.view = name;
    all("#cd-main > section").forEach((each) => (each.hidden = each.id !== `cd-view-${name}`));
    all("#cd-views [data-view]").forEach((each) => {
      if (each.dataset.view === name) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
    });
    drawer(null);
    unpeek();
    if (was !== name) tell("view", name);
  }

  function tab(name) {
    all("#cd-tabs [data-tab]").forEach((each) => {
      const isIt = each.dataset.tab === name;
      each.setAttribute("aria-selected", String(isIt));
      each.tabIndex = isIt ? 0 : -1;
      byId(`cd-tab-${each.dataset.tab}`).hidden = !isIt;
    });
    tell("tab", name);
  }

  /** Where the rail is a drawer: opens it, or closes it. */
  function drawer(name) {
    const app = byId("cd-app");
    if (name) app.dataset.drawer = name;
    else delete app.dataset.drawer;
    byId("cd-rail-button").setAttribute("aria-expanded", String(name === "history"));
    byId("cd-shade").hidden = !name;
  }

  /* ---- Limits: which documents the next questions are about ---- */

  const LIMITS = { since: "From", until: "Until", outlet: "Outlet" };
  const KEPT_LIMITS = "citedesk.limits";

  /** The limits that this tab had before it was loaded again. */
  function keptLimits() {
    try {
      const kept = Object.entries(JSON.parse(sessionStorage.getItem(KEPT_LIMITS)) ?? {});
      return Object.fromEntries(kept.filter(([name, value]) => name in LIMITS && typeof value === "string"));
    } catch {
      return {}; // a browser that keeps nothing, or keeps nonsense under that name
    }
  }

  function limit(changed) {
    const next = { ...citedesk.limits, ...changed };
    for (const name of Object.keys(next)) if (!next[name]) delete next[name];
    citedesk.limits = next;
    try {
      sessionStorage.setItem(KEPT_LIMITS, JSON.stringify(next));
    } catch {
      // A browser that keeps nothing: they hold until the page is loaded again.
    }
    const list = byId("cd-limits");
    list.replaceChildren(
      ...Object.entries(next).map(([name, value]) => {
        const [item, button] = [make("li"), make("button", "cd-assumption")];
        button.type = "button";
        button.dataset.limit = name;
        button.append(make("span", "cd-kind", LIMITS[name] ?? name), ` ${value} `, make("span", "cd-cross", "×"));
        button.setAttribute("aria-label", `${LIMITS[name] ?? name} ${value}: remove`);
        item.append(button);
        return item;
      }),
    );
    list.hidden = !list.children.length;
    tell("limits", { ...next });
  }

  /* ---- The box ---- */

  function grow() {
    const box = byId("cd-box");
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, innerHeight * 0.3)}px`;
  }

  function send() {
    const box = byId("cd-box");
    const turn = editing;
    const was = working;
    // The same words again mean the same: what was not to be read into them is still not.
    const isSame = turn !== null && box.value.trim() === questionOf(exchange(turn)).trim();
    ask(box.value, turn === null ? {} : { turn, without: isSame ? withoutOf(exchange(turn)) : [] });
    if (working && working !== was) {
      box.value = "";
      grow();
    }
  }

  /* ---- Keys ---- */

  const keys = [];

  /** Registers a key, as "n", "Escape" or "Ctrl+K"; `start` may return false to let it pass. */
  function key(name, what, start) {
    keys.push({ name, what, start });
  }

  const isTyping = (target) => Boolean(target.closest?.("input, textarea, select, [contenteditable]"));

  function pressed(event) {
    if (event.defaultPrevented || event.isComposing) return;
    for (const { name, start } of keys) {
      const parts = name.split("+");
      const last = parts.pop();
      const held = (part) => parts.includes(part);
      if (event.key.toLowerCase() !== last.toLowerCase()) continue;
      if ((event.ctrlKey || event.metaKey) !== held("Ctrl") || event.altKey !== held("Alt")) continue;
      if (last.length === 1 && !parts.length && (isTyping(event.target) || document.querySelector("dialog[open]"))) continue;
      if (start(event) === false) continue;
      event.preventDefault();
      return;
    }
  }

  function showKeys() {
    const list = byId("cd-keys").querySelector("dl");
    list.replaceChildren(
      ...[{ name: "Enter", what: "send the question" }, { name: "Shift+Enter", what: "a new line" }, ...keys].flatMap(
        ({ name, what }) => {
          const term = make("dt");
          term.append(...name.split("+").flatMap((part, at) => (at ? [" + ", make("kbd", "", part)] : [make("kbd", "", part)])));
          return [term, make("dd", "", what)];
        },
      ),
    );
    byId("cd-keys").showModal();
  }

  /** The number before or after the one with the focus; the newest answer's first where none has it. */
  function stepCitation(step) {
    const chips = all("#cd-exchanges > .cd-exchange:not([hidden]) .cd-answer .cd-chip");
    if (!chips.length) return false;
    const focused = document.activeElement.closest?.(".cd-chip");
    const at = chips.indexOf(focused ?? document.querySelector("#cd-exchanges .cd-chip.cd-active"));
    const newest = chips.findIndex((each) => each.closest(".cd-newest"));
    const first = step > 0 ? Math.max(newest, 0) : chips.length - 1;
    const chip = chips[at < 0 ? first : (at + step + chips.length) % chips.length];
    chip.focus({ preventScroll: true });
    chip.scrollIntoView({ block: "center", behavior: glide() });
    const { turn, marker } = chip.dataset;
    if (citedesk.cite) citedesk.cite(turn, marker);
    chip.focus({ preventScroll: true });
    return true;
  }

  function escape() {
    if (document.querySelector("dialog[open]")) return false;
    if (peeking) unpeek();
    const menu = document.querySelector(".cd-copy[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    } else if (working) stop();
    else if (byId("cd-app").dataset.drawer) drawer(null);
    else if (editing !== null) {
      stopEditing();
      byId("cd-box").value = "";
      grow();
    } else return false;
    return true;
  }

  /* ---- Beginning ---- */

  /** What the archive holds, and questions to start with. */
  async function begin() {
    try {
      const html = await (await get("/citedesk/start")).text();
      const fragment = make("div");
      place(fragment, html);
      byId("cd-title").querySelector("p").textContent = fragment.querySelector(".cd-coverage").textContent;
      byId("cd-greeting").textContent = fragment.querySelector(".cd-greeting").textContent;
      const asks = make("div"); // later: each is tried on the archive before it is offered
      place(asks, await (await get("/citedesk/suggestions")).text());
      byId("cd-starters").replaceChildren(...all(".cd-ask", asks));
    } catch (error) {
      say("bad", error.message);
    }
  }

  const clicks = [
    ["button[data-view]", (target) => view(target.dataset.view)],
    ["[data-tab]", (target) => tab(target.dataset.tab)],
    [".cd-ask", (target) => ask(target.textContent)],
    ["#cd-fresh", fresh],
    ["#cd-stop", stop],
    ["#cd-keys-button", showKeys],
    ["#cd-rail-button", () => drawer(byId("cd-app").dataset.drawer === "history" ? null : "history")],
    ["#cd-shade", () => drawer(null)],
    ["#cd-not-editing", () => {
      stopEditing();
      byId("cd-box").value = "";
      grow();
    }],
    ["[data-limit]", (target) => limit({ [target.dataset.limit]: null })],
    [".cd-assumption[data-without], .cd-assumption[data-with]", (target) => {
      const element = target.closest(".cd-exchange, [data-turn]");
      const asked = exchange(element.dataset.turn ?? shown);
      const was = withoutOf(asked);
      const more = target.dataset.without ? [...was, target.dataset.without] : was;
      askAgain(asked, [...new Set(more)].filter((kind) => kind !== target.dataset.with));
    }],
    [".cd-copy [data-copy]", (target) => {
      const element = target.closest(".cd-exchange");
      copy(element.querySelector(`.cd-copies [data-copy="${target.dataset.copy}"]`).textContent);
      target.closest("details").open = false;
      target.closest("details").querySelector("summary").focus();
    }],
    ['.cd-exchange [data-do="again"]', (target) => askAgain(target.closest(".cd-exchange"))],
    ['.cd-exchange [data-do="edit"]', (target) => edit(target.closest(".cd-exchange").dataset.turn)],
    ['.cd-exchange [data-do="undo"]', undo],
    [".cd-exchange [data-verdict]", (target) => {
      const isOff = target.getAttribute("aria-pressed") === "true";
      judge(target.closest(".cd-exchange"), isOff ? null : target.dataset.verdict);
    }],
    [".cd-exchange [data-reason]", (target) => judge(target.closest(".cd-exchange"), "down", target.dataset.reason)],
  ];

  function start() {
    const box = byId("cd-box");
    limit(keptLimits());
    document.addEventListener("click", (event) => {
      for (const [selector, act] of clicks) {
        const target = event.target.closest(selector);
        if (target) act(target);
      }
      for (const menu of all(".cd-copy[open]")) if (!menu.contains(event.target)) menu.open = false;
    });
    byId("cd-composer").addEventListener("submit", (event) => {
      event.preventDefault();
      send();
    });
    document.addEventListener("submit", (event) => {
      if (!event.target.matches(".cd-why")) return;
      event.preventDefault();
      const reason = event.target.querySelector("input").value.trim();
      if (reason) judge(event.target.closest(".cd-exchange"), "down", reason);
    });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      send();
    });
    box.addEventListener("input", grow);
    document.addEventListener("toggle", ({ target }) => target.matches?.(".cd-copy") && fit(target), true);
    byId("cd-tabs").addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const tabs = all("#cd-tabs [data-tab]");
      const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
      tab(next.dataset.tab);
      next.focus();
    });
    for (const [on, off] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
      document.addEventListener(on, (event) => {
        const chip = event.target.closest?.("#cd-exchanges .cd-chip");
        if (chip && (on === "pointerover" ? event.pointerType === "mouse" : chip.matches(":focus-visible"))) peek(chip);
      });
      document.addEventListener(off, (event) => event.target.closest?.(".cd-chip") === peeking && unpeek());
    }
    byId("cd-thread").addEventListener("scroll", unpeek, { passive: true });
    document.addEventListener("keydown", pressed);
    document.addEventListener("citedesk:archive", begin);
    key("/", "go to the question box", () => {
      view("chat");
      box.focus();
    });
    key("n", "next citation", () => stepCitation(1));
    key("p", "previous citation", () => stepCitation(-1));
    key("Escape", "stop the answer, or close what is open", escape);
    key("Alt+n", "new conversation", fresh);
    key("?", "show these keys", showKeys);
    settle();
    begin();
    const kept = new URL(location.href).searchParams.get("c");
    view("chat");
    if (kept) restore(kept);
    box.focus();
  }

  window.citedesk = {
    get, post, place, say, ask, limit, view, tab, show, turns, drawer, key, ready, restore,
    open: () => {}, // rag/window/reader.js shows documents
    conversation: null,
    limits: {},
    settings: {},
    arrived,
    /** Called by the hidden element of Gradio's that questions leave by; what comes back goes to `arrived`. */
    wire(ends) {
      wire = ends;
    },
  };
  ready(start);
})();
