// Shows the page of a run anew when something has changed, unless somebody types. Looks less often as time goes by.
const run = document.querySelector("[data-run]");
const sum = (now) => [now.stage, now.log.length, now.questions.length, "trouble" in now ? 1 : 0].join(" ");
let before, pause = 2000;
async function look() {
  try {
    const answer = await fetch("/api/v1/runs/" + run.dataset.run);
    const now = answer.ok ? await answer.text() : before;
    // What changed between the page and the first look counts, too.
    if (before === undefined && answer.ok && sum(JSON.parse(now)) !== run.dataset.seen) return location.reload();
    const typing = document.activeElement?.value && document.activeElement.tagName === "INPUT";
    if (before !== undefined && now !== before && !typing) return location.reload();
    before ??= now;
  } catch {
    // Not reached: the next time perhaps.
  }
  pause = Math.min(pause * 1.05, 15000);
  setTimeout(look, pause);
}
if (run) look();
