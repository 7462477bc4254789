/** The whole look of the HTML report: light and dark, phone and paper, no font or picture from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f7f6f3; --card: #ffffff; --ink: #1c2126; --soft: #5b646e; --line: #e3e0da; --faint: #f1efeb;
  --shade: #1c212633;
  --good: #19733f; --good-bg: #e6f4ea; --bad: #b0281f; --bad-bg: #fcebe9;
  --turn: #28579b; --turn-bg: #e8f0fb; --warn: #855c00; --warn-bg: #fdf3d7;
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #121518; --card: #1a1e22; --ink: #e7e5e1; --soft: #9ba4ae; --line: #2d3339; --faint: #21262b;
    --shade: #000000aa;
    --good: #6fcf93; --good-bg: #16301f; --bad: #ff9a90; --bad-bg: #3a1c1a;
    --turn: #8fb8f5; --turn-bg: #18273e; --warn: #e6bd5a; --warn-bg: #33290f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main, footer { max-width: 60rem; margin: 0 auto; }
h1, h2, h3 { line-height: 1.25; margin: 0; text-wrap: balance; }
h1 { font-size: clamp(1.5rem, 1.1rem + 1.9vw, 2.1rem); letter-spacing: -0.015em; }
h1 span { display: inline-block; max-width: 100%; }
h1.long { font-size: clamp(1.2rem, 1rem + 1vw, 1.5rem); }
h2 { font-size: 1.2rem; letter-spacing: -0.005em; margin-bottom: 0.35rem; }
h2 + .card { margin-top: 0.9rem; }
h3 { font-size: 1rem; }
p { margin: 0; }
code, pre, .mono { font-family: var(--mono); font-size: 0.87em; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.wrap { overflow-wrap: anywhere; }
a { color: var(--turn); }
:focus-visible { outline: 3px solid var(--turn); outline-offset: 2px; border-radius: 4px; }

.verdict { --tone: var(--soft); --tint: var(--faint); background: var(--card); border: 1px solid var(--line);
  border-top: 5px solid var(--tone); border-radius: 12px; padding: 1.75rem 2rem 1.6rem; }
.good { --tone: var(--good); --tint: var(--good-bg); }
.bad { --tone: var(--bad); --tint: var(--bad-bg); }
.turn { --tone: var(--turn); --tint: var(--turn-bg); }
.warn { --tone: var(--warn); --tint: var(--warn-bg); }
.eyebrow { color: var(--soft); margin-bottom: 1rem; display: flex; flex-wrap: wrap; gap: 0.2rem 0.9rem; }
.eyebrow strong { color: var(--ink); font-weight: 600; }
.title { display: flex; gap: 1.1rem; align-items: flex-start; }
.title > div { min-width: 0; }
.seal { flex: none; width: 3rem; height: 3rem; border-radius: 50%; display: grid; place-items: center;
  background: var(--tint); color: var(--tone); font-size: 1.5rem; font-weight: 700; line-height: 1; }
.badge { color: var(--tone); font-weight: 600; margin-bottom: 0.2rem; }
.promise { color: var(--soft); margin-top: 0.6rem; max-width: 46rem; text-wrap: pretty; }
.facts { display: grid; grid-template-columns: 2.2fr 1.8fr 0.8fr 0.8fr; gap: 0.9rem 1.5rem;
  margin: 1.5rem 0 0; padding-top: 1.2rem; border-top: 1px solid var(--line); }
.facts dt, .record dt { color: var(--soft); font-size: 0.82rem; }
.facts dd, .record dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.facts dd { font-weight: 550; }
.next { margin: 1.4rem 0 0; padding: 0.9rem 1.1rem; background: var(--tint); border-radius: 8px; }
.next h2 { font-size: 0.95rem; }
.next ul { list-style: none; margin: 0.35rem 0 0; padding: 0; display: grid; gap: 0.3rem; }

section { margin-top: 2.6rem; }
section > p { color: var(--soft); margin-bottom: 0.9rem; max-width: 46rem; text-wrap: pretty; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; }

nav { margin: 1rem 0 -0.6rem; }
nav ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0 1.25rem; font-size: 0.9rem; }
nav a { display: inline-block; padding: 0.3rem 0; color: var(--soft); text-decoration: none; }
nav a:hover { color: var(--ink); text-decoration: underline; }

.timeline { margin-top: 0.9rem; padding: 1rem 1.75rem 0.4rem; }
.axis { display: flex; justify-content: space-between; margin: 0 0 1rem 2.75rem; padding-bottom: 0.35rem;
  border-bottom: 1px solid var(--line); color: var(--soft); font-size: 0.82rem; font-variant-numeric: tabular-nums; }
.story { list-style: none; margin: 0; padding: 0; }
.story li { --tone: var(--soft); --tint: var(--faint); position: relative; padding: 0 0 1.15rem 2.75rem; }
.story li.good { --tone: var(--good); --tint: var(--good-bg); }
.story li.bad { --tone: var(--bad); --tint: var(--bad-bg); }
.story li.turn { --tone: var(--turn); --tint: var(--turn-bg); }
.story li.warn { --tone: var(--warn); --tint: var(--warn-bg); }
.story li::before { content: ""; position: absolute; left: 0.8rem; top: 1.9rem; bottom: -0.05rem; width: 2px;
  background: var(--line); }
.story li:last-child::before { display: none; }
.mark { position: absolute; left: 0; top: 0; width: 1.7rem; height: 1.7rem; border-radius: 50%; display: grid;
  place-items: center; background: var(--tint); color: var(--tone); font-weight: 700; font-size: 0.9rem; }
.head { display: flex; gap: 0 0.75rem; align-items: baseline; flex-wrap: wrap; }
.head h3 { overflow-wrap: anywhere; }
.kind { color: var(--soft); font-size: 0.82rem; }
.took { margin-left: auto; color: var(--soft); font-variant-numeric: tabular-nums; font-size: 0.9rem;
  white-space: nowrap; }
.quote { margin: 0.5rem 0 0; padding: 0.6rem 0.9rem; border-radius: 8px; background: var(--tint); }
.quote p + p { margin-top: 0.25rem; }
.track { position: relative; height: 4px; margin: 0.5rem 0 0.15rem; border-radius: 2px; background: var(--faint); }
.track i { position: absolute; top: 0; bottom: 0; min-width: 3px; max-width: 100%; border-radius: 2px;
  background: var(--tone); }
.track .failed { background: var(--bad); }
.track .wait { background: repeating-linear-gradient(90deg, var(--soft) 0 2px, transparent 2px 5px); }
.retry { margin-top: 0.25rem; }
.heap summary { padding: 0.1rem 0; color: var(--soft); font-weight: 400; }
.heap ul { list-style: none; margin: 0.4rem 0 0; padding: 0; font-size: 0.9rem; }
.story .heap li { display: flex; gap: 0 0.6rem; padding: 0.2rem 0; border-top: 1px solid var(--line); }
.story .heap li::before { display: none; }
.findings { margin: 0; display: grid; gap: 0.5rem; }
.findings dt { font-weight: 600; overflow-wrap: anywhere; }
.findings dd { margin: 0; overflow-wrap: anywhere; }
pre { margin: 0.6rem 0 0; padding: 0.7rem 0.9rem; background: var(--faint); border-radius: 8px; overflow-x: auto;
  white-space: pre-wrap; line-height: 1.45; }
.diff > * { display: block; min-height: 1.45em; text-decoration: none; }
.diff ins { color: var(--good); background: var(--good-bg); }
.diff del { color: var(--bad); background: var(--bad-bg); }
.record pre { margin-top: 0.2rem; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.935rem; font-variant-numeric: tabular-nums; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 1rem; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--soft); font-weight: 550; font-size: 0.82rem; white-space: nowrap; }
tbody th { font-weight: 500; min-width: 9rem; }
td { min-width: 4.5rem; }
td ul, tbody th code { overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; width: 6rem; }
td.state { white-space: nowrap; font-weight: 500; color: var(--tone); width: 6rem; }
tr.bad { background: color-mix(in srgb, var(--bad-bg) 55%, transparent); }
td ul { margin: 0.25rem 0 0; padding: 0; list-style: none; color: var(--soft); }
details > summary { cursor: pointer; padding: 0.8rem 1rem; font-weight: 550; }
details .scroll { border-top: 1px solid var(--line); }
details.card { margin-top: 0.9rem; }
.more { padding: 0.6rem 1rem; color: var(--soft); }
.notes { margin: 0.6rem 0 0; color: var(--soft); font-size: 0.935rem; }
.notes summary { font-weight: 400; padding: 0.4rem 0; }
.notes ul { margin: 0.2rem 0 0; padding-left: 1.2rem; }
.diagram { padding: 1rem; margin-top: 0.9rem; overflow-x: auto; background: linear-gradient(90deg, var(--card) 40%,
  transparent) 0 / 3rem 100% local, linear-gradient(270deg, var(--card) 40%, transparent) 100% / 3rem 100% local,
  linear-gradient(90deg, var(--shade), transparent) 0 / 1rem 100%,
  linear-gradient(270deg, var(--shade), transparent) 100% / 1rem 100%, var(--card); background-repeat: no-repeat; }
.diagram svg { display: block; margin: 0 auto; }
.diagram .pic-paper { fill: none; }
.hash { margin-top: 0.9rem; padding: 1.2rem 1.5rem; display: grid; gap: 0.7rem; }
.digits code { display: flex; flex-wrap: wrap; gap: 0.15rem 0.75rem; font-size: 1rem; font-weight: 600;
  letter-spacing: 0.02em; }
.record { display: grid; grid-template-columns: max-content 1fr; gap: 0.4rem 1.5rem; margin: 0.9rem 0 0;
  padding: 1.2rem 1.5rem; font-size: 0.935rem; }
.record dt { grid-column: 1; }
.record dd { grid-column: 2; }
footer { margin-top: 2.2rem; color: var(--soft); font-size: 0.85rem; }

@media (max-width: 40rem) {
  body { padding: 1rem 0.75rem 3rem; }
  .verdict { padding: 1.25rem 1.15rem; }
  .title { gap: 0.8rem; }
  .seal { width: 2.25rem; height: 2.25rem; font-size: 1.1rem; }
  .timeline { padding: 0.8rem 1rem 0; }
  .axis { margin-left: 2.4rem; }
  .hash { padding: 1rem; }
  .diagram { padding: 0.5rem; }
  .story li { padding-left: 2.4rem; }
  .facts { grid-template-columns: repeat(2, 1fr); }
  .facts div:first-child, .facts div:nth-child(2) { grid-column: 1 / -1; }
  td.number, td.state { width: auto; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody { display: block; }
  tbody tr { display: block; position: relative; padding: 0.65rem 0.9rem; border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; }
  tbody th, tbody td { display: block; min-width: 0; padding: 0; border: 0; overflow-wrap: anywhere; }
  tbody th { padding-right: 5rem; }
  tbody td.number { display: inline-block; text-align: left; white-space: normal; margin-right: 1.1rem; }
  tbody td.state { position: absolute; right: 0.9rem; top: 0.65rem; }
  tbody td:not(.state)::before { content: attr(data-label) ": "; color: var(--soft); font-size: 0.85em; }
  tbody td:empty { display: none; }
  .record { grid-template-columns: 1fr; gap: 0.1rem; }
  .record dd { grid-column: 1; margin-bottom: 0.6rem; }
}
@media print {
  @page { margin: 14mm 13mm; }
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --faint: #f4f4f4; font-size: 9.5pt; }
  body { padding: 0 1px; }
  h1 { font-size: 1.7rem; }
  main, footer { max-width: none; }
  .verdict, .card { border-radius: 0; }
  nav { display: none; }
  section { margin-top: 1.6rem; }
  footer { margin-top: 1rem; break-before: avoid; }
  .diagram { overflow: visible; }
  .diagram svg { max-width: 100%; max-height: 15cm; height: auto; }
  .story li, tr, .facts div { break-inside: avoid; }
  h2, section > p, summary, .axis { break-after: avoid; }
  th, td { padding: 0.3rem 0.7rem; }
  .scroll { overflow: visible; }
  details::details-content { content-visibility: visible; block-size: auto; }
  * { print-color-adjust: exact; }
}
`;
