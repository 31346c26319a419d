/* What was found besides, at the side: a copy of what the shown exchange carries hidden inside it. */

const panel = document.getElementById("cd-tab-retrieved");

document.addEventListener("citedesk:shown", ({ detail }) => citedesk.carried(detail.turn, ".cd-retrieved", panel));
