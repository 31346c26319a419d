/* The settings view. What is chosen here is kept by the browser and sent with each question; the theme is only the
   browser's affair. Each is left out where it is as the configuration says. */

const STORE = "citedesk.settings";
const view = document.getElementById("cd-view-settings");
const byId = (id) => document.getElementById(id);
const all = (selector) => [...view.querySelectorAll(selector)];

/* ---- What is kept ---- */

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    return found && typeof found === "object" && !Array.isArray(found) ? found : {};
  } catch {
    return {}; // not ours, or a browser that keeps nothing
  }
}

let chosen = kept();

function keep(changed) {
  const next = { ...chosen, ...changed };
  for (const name of Object.keys(next)) if (next[name] === "" || next[name] == null) delete next[name];
  chosen = next;
  try {
    localStorage.setItem(STORE, JSON.stringify(next));
  } catch {
    citedesk.say("bad", "This browser keeps no settings: they hold until the page is closed.");
  }
  apply();
}

function apply() {
  const { llm, k, now } = chosen;
  citedesk.settings = Object.fromEntries(Object.entries({ llm, k, now }).filter(([, value]) => value !== undefined));
  paint();
  tellOrigins();
}

/* ---- Light or dark: Gradio puts "dark" on the body as the system says, and we have the last word ---- */

const system = matchMedia("(prefers-color-scheme: dark)");

function paint() {
  const theme = ["light", "dark"].includes(chosen.theme) ? chosen.theme : "system";
  const isDark = theme === "dark" || (theme === "system" && system.matches);
  document.documentElement.dataset.theme = theme;
  for (const element of [document.documentElement, document.body]) {
    if (element.classList.contains("dark") !== isDark) element.classList.toggle("dark", isDark);
  }
}

system.addEventListener("change", paint);
new MutationObserver(paint).observe(document.body, { attributes: true, attributeFilter: ["class"] });
addEventListener("storage", (event) => {
  if (event.key !== STORE) return;
  chosen = kept(); // another window of this browser
  apply();
  if (view.childElementCount) fill();
});

/* ---- The page ---- */

function tellOrigins() {
  for (const setting of all(".cd-setting")) {
    const isOurs = chosen[setting.dataset.of] !== undefined;
    for (const line of setting.querySelectorAll(".cd-setting-origin")) {
      line.hidden = (line.dataset.from === "window") !== isOurs;
    }
  }
}

/** Puts what is chosen into the fields. */
function fill() {
  const llm = chosen.llm ?? "";
  const radios = all('[name="cd-answers"]');
  const radio = radios.find((each) => each.value === llm) ?? radios.find((each) => each.value === "model");
  radio.checked = true;
  const at = llm.indexOf(":");
  if (radio.value === "model" && at > 0) {
    byId("cd-provider").value = llm.slice(0, at);
    byId("cd-model").value = llm.slice(at + 1);
  }
  byId("cd-k").value = chosen.k ?? "";
  byId("cd-now").value = chosen.now ?? "";
  const theme = chosen.theme ?? "system";
  for (const each of all('[name="cd-theme"]')) each.checked = each.value === theme;
  showModel();
  tellOrigins();
}

const answering = () => all('[name="cd-answers"]').find((each) => each.checked);
const answers = () => answering()?.value ?? "";

/** Who is to answer, as the fields say; undefined where a model has no name yet. */
function named() {
  if (answers() !== "model") return answers();
  const model = byId("cd-model").value.trim();
  return model ? `${byId("cd-provider").value}:${model}` : undefined;
}

function showModel() {
  byId("cd-model-choice").hidden = answers() !== "model";
  for (const about of all(".cd-provider")) about.hidden = about.dataset.kind !== byId("cd-provider").value;
  byId("cd-try").parentElement.hidden = answering()?.dataset.builtIn !== undefined; // there is nothing to test
  tried("", "");
}

function chooseAnswers() {
  showModel();
  const llm = named();
  if (llm !== undefined) return keep({ llm });
  byId("cd-model").focus();
  return keep({ llm: "" });
}

function tried(kind, text) {
  const line = byId("cd-tried");
  line.className = kind ? `cd-line cd-${kind}` : "cd-line";
  line.textContent = text;
}

let trials = 0;

async function tryOut() {
  const llm = named();
  if (llm === undefined) {
    tried("bad", "Name a model first.");
    byId("cd-model").focus();
    return;
  }
  const number = ++trials;
  const button = byId("cd-try");
  button.disabled = true;
  tried("plain", "Asking it for a word…");
  try {
    const { works, told } = await citedesk.post("/citedesk/settings/test", { llm });
    if (number === trials) tried(works ? "good" : "bad", told);
  } catch (error) {
    if (number === trials) tried("bad", error.message);
  } finally {
    button.disabled = false;
  }
}

view.addEventListener("change", (event) => {
  const { name, id, value } = event.target;
  if (name === "cd-answers" || id === "cd-provider" || id === "cd-model") chooseAnswers();
  if (name === "cd-theme") keep({ theme: value === "system" ? "" : value });
  if (id === "cd-now" && event.target.validity.valid) keep({ now: value });
  if (id === "cd-k") {
    if (event.target.reportValidity()) keep({ k: value ? Number(value) : "" });
  }
});
view.addEventListener("click", (event) => {
  if (event.target.closest("#cd-try")) tryOut();
  if (event.target.closest("#cd-settings-reset")) {
    keep({ llm: "", k: "", now: "", theme: "" });
    byId("cd-model").value = "";
    fill();
    citedesk.say("good", "All settings are as the configuration says.");
  }
});

async function load() {
  try {
    citedesk.place(view, await (await citedesk.get("/citedesk/settings")).text());
    fill();
  } catch (error) {
    citedesk.say("bad", error.message);
  }
}

apply();
document.addEventListener("citedesk:view", ({ detail }) => {
  if (detail === "settings" && !view.childElementCount) load();
});
