/** The style sheet. Colours are named once for light and once for dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f7f4ee; --card: #fffdf9; --ink: #23262e; --soft: #5f636e; --line: #e3ddd0; --edge: #8b8575;
  --accent: #a5322a; --accent-ink: #fff; --accent-wash: #f7e6e1;
  --good: #e4f0e4; --good-ink: #22552d; --shadow: 0 1px 2px #4a3c2414, 0 8px 24px #4a3c240f;
  --version: #6b7280; --hint: #d9982b; --epoch: #2f9e8f; --nonce: #7a9e2f; --commitment: #3b76c4; --secret: #8a4fb5; --seal: #c9463c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16171b; --card: #1f2127; --ink: #eceae4; --soft: #a3a5ad; --line: #34363e; --edge: #777a86;
    --accent: #ec8579; --accent-ink: #1b0f0d; --accent-wash: #3a2322;
    --good: #1f3325; --good-ink: #a9dbb3; --shadow: 0 1px 2px #0006;
    --version: #8d94a1; --hint: #e3ae52; --epoch: #46b8a8; --nonce: #9dbb55; --commitment: #6297dc; --secret: #ab78d2; --seal: #e2685e;
  }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif; }
h1 { margin: 0 0 .25rem; font: 600 2.1rem/1.2 Georgia, 'Iowan Old Style', 'Times New Roman', serif; letter-spacing: -.01em; }
h2 { margin: 0; font-size: 1.05rem; }
p { margin: .75rem 0; }
code { font: .88em ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.lead { margin: 0 0 1.5rem; color: var(--soft); font-size: 1.06rem; }
.small { display: block; color: var(--soft); font-size: .875rem; }
.small b { font-weight: 500; }

body > header, main, footer { width: 100%; max-width: 72rem; margin: 0 auto; padding: 0 1.5rem; }
body > header { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.75rem; padding-block: 1.1rem; }
.brand { display: flex; align-items: center; gap: .6rem; color: inherit; text-decoration: none;
  font: 600 1.2rem Georgia, 'Iowan Old Style', 'Times New Roman', serif; }
body > header nav { display: flex; flex-wrap: wrap; gap: .25rem; }
body > header nav a { padding: .35rem .8rem; border-radius: 99px; color: var(--soft); text-decoration: none; font-weight: 500; font-size: .95rem; }
body > header nav a:hover { color: var(--ink); background: var(--accent-wash); }
body > header nav a[aria-current] { color: var(--accent); background: var(--accent-wash); }
.who { display: flex; align-items: center; gap: .9rem; margin-left: auto; font-weight: 600; }
main { flex: 1; display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 25rem); gap: 2.5rem; align-items: start;
  padding-block: 1.75rem 3rem; }
main.wide { grid-template-columns: minmax(0, 1fr); }
footer { width: calc(100% - 3rem); max-width: 69rem; padding: 1.25rem 0; border-top: 1px solid var(--line); color: var(--soft); font-size: .875rem; }

.card { margin: 0 0 1.25rem; padding: 1.25rem 1.4rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 14px; box-shadow: var(--shadow); }
.card > :first-child { margin-top: 0; }
.card > :last-child { margin-bottom: 0; }
.notice { margin: 0 0 1.25rem; padding: .7rem 1rem; border-radius: 10px; background: var(--good); color: var(--good-ink); }
.notice.bad { background: var(--accent-wash); color: var(--accent); }
.badge { padding: .1rem .55rem; border-radius: 99px; background: var(--accent-wash); color: var(--accent);
  font-size: .75rem; font-weight: 600; vertical-align: .08em; }

button, .button { display: inline-block; padding: .55rem 1.15rem; border: 1px solid transparent; border-radius: 10px;
  background: var(--accent); color: var(--accent-ink); font-family: inherit; font-size: .95rem; font-weight: 600; line-height: 1.3; text-decoration: none; cursor: pointer; }
button:hover, .button:hover { filter: brightness(1.08); }
.quiet, .danger { font-weight: 500; padding: .4rem .9rem; border-color: var(--line); background: var(--card); color: var(--ink); }
.button.quiet { padding: .55rem 1.15rem; }
.actions { display: flex; flex-wrap: wrap; gap: .6rem; }
.quiet:hover { border-color: var(--soft); filter: none; }
.danger { color: var(--accent); border-color: currentColor; }
.round { width: 2.1rem; height: 2.1rem; padding: 0; border-radius: 50%; border-color: var(--line); background: var(--card);
  color: var(--accent); font-size: 1.15rem; line-height: 1; }
.round:hover { background: var(--accent-wash); filter: none; }
.stack { display: grid; gap: 1rem; justify-items: start; }
label { display: grid; gap: .3rem; width: 100%; font-weight: 600; font-size: .95rem; }
input { width: 100%; padding: .6rem .75rem; border: 1px solid var(--edge); border-radius: 10px; background: var(--paper);
  color: inherit; font: inherit; font-weight: 400; }
input[aria-invalid] { border-color: var(--accent); }

.rows { list-style: none; padding-block: .3rem; }
.rows li, .split { display: flex; align-items: center; justify-content: space-between; gap: 1rem; }
.rows li { padding: .85rem 0; }
.rows li + li { border-top: 1px solid var(--line); }
.rows form, .split form { flex: none; }
.device { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 1rem; flex: 1; align-items: center; }
.device .times { grid-column: 1; }
.device form { grid-area: 1 / 2 / span 2; }
.stepper { flex: none; display: flex; align-items: center; gap: .5rem; }
.stepper output { min-width: 1.6rem; text-align: center; font-variant-numeric: tabular-nums; font-weight: 600; }
.total { display: flex; justify-content: space-between; padding: 0 1.4rem; font-size: 1.15rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(6rem, 1fr)); gap: 1rem; margin-bottom: 1.25rem; }
.tile { margin: 0; }
.tile b { display: block; font: 600 2.1rem/1.1 Georgia, 'Times New Roman', serif; }
table { width: 100%; border-collapse: collapse; }
th { color: var(--soft); font-size: .8rem; font-weight: 600; text-align: left; }
th, td { padding: .4rem .5rem .4rem 0; }
td { font-size: .95rem; }
tbody th, td { border-top: 1px solid var(--line); }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .55rem 1.2rem; }
dl.facts:not(.card) { margin: 1rem 0 1.25rem; font-size: .92rem; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; }
time, .price { white-space: nowrap; }
time b { font-weight: 600; }

.steps ol { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .5rem; margin: 0 0 1.5rem; padding: 0; list-style: none; counter-reset: step; }
.steps a { display: flex; align-items: center; gap: .6rem; padding: .55rem .8rem; border: 1px solid var(--line); border-radius: 10px;
  background: var(--card); color: var(--soft); font-weight: 600; text-decoration: none; }
.steps a::before { counter-increment: step; content: counter(step); color: var(--soft); font: 600 1.05rem Georgia, 'Times New Roman', serif; }
.steps a:hover { border-color: var(--soft); color: var(--ink); }
.steps a[aria-current], .steps a[aria-current]::before { color: var(--accent); }
.steps a[aria-current] { border-color: currentColor; background: var(--accent-wash); }
.columns { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 1.25rem; align-items: start; }
.columns h2 + p { margin-top: .35rem; }
h3 { margin: 1.1rem 0 .25rem; font-size: .95rem; }
samp { font: .85em/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
mark { border-radius: 3px; background: var(--accent); color: var(--accent-ink); }
i { color: var(--soft); }
.token { word-break: break-all; padding: .7rem .9rem; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); line-height: 1.4; }
.event { margin: .35rem 0; }
.parts.bytes-shown li { grid-template-columns: .8rem 6.5rem 4.5rem minmax(0, 1fr); }
.bytes-shown .says { grid-column: 4; }
.secret { color: var(--soft); letter-spacing: .08em; }
.flow { display: grid; gap: .9rem; margin: .9rem 0 0; padding: 0; list-style: none; }
.flow li { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 4fr) minmax(0, 6fr); gap: .9rem; align-items: center; }
.flow b { display: block; font-size: .92rem; }
.flow div:not(.by) { padding: .6rem .8rem; border: 1px solid var(--line); border-radius: 10px; background: var(--paper); font-size: .9rem; }
.flow .by { color: var(--soft); font-size: .85rem; text-align: center; }
.flow .by::after { content: ' →'; }
.checks { display: grid; gap: .55rem; margin: .9rem 0 0; padding: 0; list-style: none; font-size: .95rem; }
.checks li { display: grid; grid-template-columns: 1.3rem max-content minmax(0, 1fr); gap: 0 .5rem; align-items: baseline; }
.checks li::before { font-weight: 700; }
.checks .passed::before { content: '✓' / ''; color: var(--good-ink); }
.checks .failed::before { content: '✗' / ''; color: var(--accent); }
.checks .not-reached::before { content: '·' / ''; color: var(--soft); }
.checks .failed b, .checks .failed .outcome { color: var(--accent); }
.checks .not-reached b { color: var(--soft); font-weight: 500; }
.checks .outcome { color: var(--soft); font-size: .82rem; }
.checks .says { grid-column: 2 / -1; }
.answer { margin: .5rem 0; font: 600 1.7rem/1.2 Georgia, 'Times New Roman', serif; }
.verdict.bad .answer { color: var(--accent); }
.verdict.good .answer { color: var(--good-ink); }
.try { display: flex; flex: 1; align-items: center; gap: .6rem 1rem; }
.try > div { flex: 1; }
.inline { display: flex; align-items: center; gap: .5rem; width: auto; font-weight: 400; }
select { padding: .4rem .6rem; border: 1px solid var(--edge); border-radius: 10px; background: var(--paper); color: inherit; font: inherit; font-size: .95rem; }
button:disabled { border-color: var(--line); background: transparent; color: var(--soft); cursor: default; filter: none; }
.outcome-cell { text-align: right; }
.badge.opened { background: var(--good); color: var(--good-ink); }
.ends { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: .6rem; }
.card .rows { margin: .35rem 0 0; padding: 0; }
.card .rows li:last-child { padding-bottom: 0; }
.rows form.try { flex: 1; }
.items th:first-child { width: 7rem; }

.panel { position: sticky; top: 1.25rem; }
.empty { padding: 1.1rem; border: 2px dashed var(--line); border-radius: 10px; color: var(--soft); text-align: center; font-size: .9rem; }
.bar { display: block; width: 100%; height: 2.1rem; border-radius: 8px; }
.parts { list-style: none; margin: 1rem 0; padding: 0; display: grid; gap: .7rem; font-size: .9rem; }
.parts li { display: grid; grid-template-columns: .8rem max-content minmax(0, 1fr) max-content; gap: 0 .6rem; align-items: baseline; }
.parts code { overflow: hidden; white-space: nowrap; color: var(--soft); }
.bytes { color: var(--soft); font-size: .82rem; font-variant-numeric: tabular-nums; }
.says { grid-column: 2 / -1; color: var(--soft); font-size: .85rem; line-height: 1.4; }
.swatch { width: .8rem; height: .8rem; border-radius: 3px; }
.part-version { fill: var(--version); background: var(--version); }
.part-key-hint { fill: var(--hint); background: var(--hint); }
.part-epoch { fill: var(--epoch); background: var(--epoch); }
.part-nonce { fill: var(--nonce); background: var(--nonce); }
.part-commitment { fill: var(--commitment); background: var(--commitment); }
.part-token, .part-ciphertext { fill: var(--secret); background: var(--secret); }
.part-mac, .part-tag { fill: var(--seal); background: var(--seal); }

@media (max-width: 56rem) {
  main { grid-template-columns: minmax(0, 1fr); gap: 1rem; }
  .panel { position: static; }
  body > header nav { order: 3; width: 100%; margin-inline: -.8rem; }
  .columns { grid-template-columns: minmax(0, 1fr); gap: 0; }
}
@media (max-width: 30rem) {
  body > header, main { padding-inline: 1rem; }
  footer { width: calc(100% - 2rem); }
  body > header { column-gap: .75rem; }
  body > header nav { width: calc(100% + 1rem); margin-inline: -.5rem; justify-content: space-between; }
  body > header nav a { padding-inline: .55rem; }
  .flow li { grid-template-columns: minmax(0, 1fr); gap: .35rem; }
  .flow .by { text-align: left; padding-left: 1.1rem; }
  .flow .by::before { content: '↓ '; }
  .flow .by::after { content: none; }
  .try { flex-wrap: wrap; }
  .try > div { flex-basis: 100%; }
  .cookies li { flex-direction: column; align-items: start; gap: .5rem; }
  .outcome-cell { text-align: left; }
  .card { padding-inline: 1.1rem; }
  .steps ol { gap: .35rem; }
  .steps a { flex-direction: column; gap: 0; padding: .4rem .2rem; font-size: .88rem; }
  .parts.bytes-shown li { grid-template-columns: .8rem minmax(0, 1fr) max-content; }
  .bytes-shown samp, .bytes-shown .says { grid-column: 2 / -1; }
  .split { flex-direction: column; align-items: start; }
  .device .times { grid-column: 1 / -1; }
  .device form { grid-area: 1 / 2; }
  .tiles { grid-template-columns: 1fr 1fr; }
  .tile:first-child { grid-column: 1 / -1; }
  .facts.card { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .facts.card dd + dt { margin-top: .6rem; }
}
`;
