/* Who is logged in, and the way out; nothing where the window has no login. */

const top = document.getElementById("cd-top");

(async () => {
  const { name } = await (await citedesk.get("/citedesk/name")).json();
  if (!name || document.getElementById("cd-leave")) return;
  const leave = document.createElement("button");
  leave.type = "button";
  leave.id = "cd-leave";
  leave.className = "cd-quiet";
  leave.title = `You are logged in as ${name}`;
  leave.textContent = "Log out";
  leave.addEventListener("click", async () => {
    try {
      await citedesk.post("/citedesk/logout", {});
    } finally {
      location.assign("/");
    }
  });
  top.append(leave);
})();
