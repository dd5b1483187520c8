/** Style and script of the page. Without the script all of it can be read; with it, it can be filtered. */

export const STYLE = `
:root {
  color-scheme: light dark;
  --text: #1a1d21; --quiet: #555d66; --ground: #fff; --raised: #f3f5f7; --line: #d5dae0;
  --ok: #176b3a; --due: #0b5f8a; --warning: #8a4b00; --critical: #a8201a; --bar: #9db4c8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e8eaed; --quiet: #a9b1ba; --ground: #14171a; --raised: #1f2429; --line: #383f47;
    --ok: #6fd398; --due: #75c4ee; --warning: #f0b35b; --critical: #ff9089; --bar: #4d6478;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 80rem; background: var(--ground); color: var(--text);
  font: 1rem/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; }
p { margin: .25rem 0; }
input { font: inherit; padding: .3rem .5rem; width: min(20rem, 100%); color: inherit; background: var(--raised);
  border: 1px solid var(--quiet); border-radius: .3rem; }
table { width: 100%; margin-top: 1rem; border-collapse: collapse; table-layout: fixed; }
caption { padding-bottom: .5rem; text-align: left; color: var(--quiet); }
th, td { padding: .75rem .75rem .75rem 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { font-size: .875rem; color: var(--quiet); }
th { font-weight: inherit; }
thead th:nth-child(1) { width: 6.5rem; } thead th:nth-child(3) { width: 33%; } thead th:nth-child(4) { width: 24%; }
.name { display: block; font-weight: 600; }
.names, .small, .reason { display: block; font-size: .875rem; }
.small, dt { color: var(--quiet); }
.reason { color: var(--text); border-left: .2rem solid currentColor; padding-left: .5rem; margin-top: .35rem; }
.badge { display: inline-block; padding: .1rem .5rem; border: 1px solid currentColor; border-radius: 1rem;
  font-size: .875rem; font-weight: 600; white-space: nowrap; }
.ok { color: var(--ok); } .due { color: var(--due); } .warning { color: var(--warning); }
.critical, .expired { color: var(--critical); }
tr { color: inherit; } tr.ok, tr.due, tr.warning, tr.critical, tr.expired { color: inherit; }
.bar { position: relative; height: .75rem; margin: .35rem 0 .5rem; background: var(--raised); border: 1px solid var(--line);
  border-radius: .4rem; }
.bar span { position: absolute; top: 0; bottom: 0; }
.past { left: 0; background: var(--bar); border-radius: .4rem 0 0 .4rem; }
.renewal { width: 2px; background: var(--due); }
.now { width: 3px; top: -.25rem !important; bottom: -.25rem !important; background: var(--text); }
dl { display: flex; flex-wrap: wrap; gap: .1rem 1rem; margin: 0; font-size: .875rem; }
dl div { display: flex; gap: .35rem; } dt, dd { margin: 0; }
ul { margin: 0; padding: 0; list-style: none; font-size: .875rem; }
li + li { margin-top: .35rem; }
code { display: block; color: var(--quiet); font-size: .8125rem; }
@media (max-width: 48rem) {
  table, caption, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: .75rem 0; border-top: 1px solid var(--line); }
  th, td { padding: .15rem 0; border: 0; }
  tbody td:nth-child(4)::before { content: "deployed on"; color: var(--quiet); font-size: .875rem; }
}
@media print {
  body { max-width: none; padding: 0; } .filter { display: none; }
  tr { break-inside: avoid; } .bar, .bar span { print-color-adjust: exact; }
}
`;

export const SCRIPT = `
const filter = document.getElementById("filter");
const rows = [...document.querySelectorAll("tbody tr")];
document.querySelector(".filter").hidden = false;
filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  const shown = rows.filter((row) => !row.hidden).length;
  document.getElementById("shown").textContent = wanted === "" ? "" : shown + " of " + rows.length;
});
`;
