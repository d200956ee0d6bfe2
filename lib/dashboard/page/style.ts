/** The style sheet. Colours are named once for light and once for dark. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--ink:#171a20;--soft:#59606d;--line:#dfe3e9;--edge:#868e9b;--accent:#2457b8;--wash:#e8eefa;
--quiet:#9aa8c2;--up:#1c6b3a;--warn:#8a5200;--bad:#b3261e;--bad-wash:#fbeae8;--up-wash:#e5f3ea}
@media(prefers-color-scheme:dark){:root{--page:#101318;--card:#181c23;--ink:#e5e8ee;--soft:#9ca5b4;--line:#2b313b;--edge:#6f7887;--accent:#8db4ff;--wash:#1f2b42;
--quiet:#55627a;--up:#7fd39c;--warn:#ecb964;--bad:#ff9389;--bad-wash:#3a1f1d;--up-wash:#173022}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:14px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
header,main,footer{max-width:80rem;margin:0 auto;padding:0 1.25rem}
header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1rem;padding-block:1rem .75rem}
h1{margin:0;font-size:1.25rem;font-weight:650;letter-spacing:-.01em}
h2{margin:0 0 .6rem;font-size:.95rem;font-weight:650}
h3{margin:0;font-size:.85rem;font-weight:600}
p{margin:.4rem 0}
nav{display:flex;flex-wrap:wrap;gap:.25rem}
nav a{padding:.15rem .6rem;border-radius:6px;color:var(--accent);text-decoration:none}
nav a:hover{background:var(--wash)}
nav a[aria-current]{background:var(--wash);font-weight:600}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code{font:.92em ui-monospace,'SF Mono',Menlo,Consolas,monospace}
small,.soft-text{color:var(--soft);font-size:.82rem}
.state{margin-left:auto;display:flex;flex-wrap:wrap;gap:0 1rem;color:var(--soft);font-size:.82rem}
.up{color:var(--up)}.degraded{color:var(--warn)}.down{color:var(--bad)}
#live.up::before{content:'';display:inline-block;width:.5rem;height:.5rem;margin-right:.4rem;border-radius:50%;background:var(--up)}
.tiles{display:flex;flex-wrap:wrap;gap:1px;margin:0 0 1rem;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden}
.tiles>div{flex:1 1 8.5rem;padding:.75rem .9rem;background:var(--card)}
.tiles dt{color:var(--soft);font-size:.82rem}
.tiles dd{margin:0}
.tiles dd:nth-of-type(1){font-size:1.55rem;line-height:1.25;font-weight:600;letter-spacing:-.02em}
.tiles dd+dd{color:var(--soft);font-size:.82rem}
.card,.notice{margin:0 0 1rem;padding:.9rem 1rem 1rem;background:var(--card);border:1px solid var(--line);border-radius:10px}
.cards{columns:2;column-gap:1rem}
.cards>.card{break-inside:avoid}
.charts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1.1rem 1.5rem}
figure{margin:0}
figcaption{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 1rem;margin-bottom:.3rem;font-size:.85rem;font-weight:600}
figcaption span{color:var(--soft);font-weight:400}
svg{display:block;width:100%;height:6rem}
svg .ink{fill:var(--accent)}svg .soft{fill:var(--quiet)}
svg .line{fill:none;stroke:var(--accent);stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
svg .soft.line{stroke:var(--quiet)}
svg .area{fill:var(--accent);fill-opacity:.12}
svg .base{fill:none;stroke:var(--line);vector-effect:non-scaling-stroke}
.axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.75rem}
.key+.key{margin-left:.75rem}
.key::before{content:'';display:inline-block;width:.6rem;height:.6rem;margin-right:.35rem;border-radius:2px;background:var(--accent)}
.key.other::before{background:var(--quiet)}
table{width:100%;border-collapse:collapse}
table+table{margin-top:1rem}
caption{padding-bottom:.3rem;text-align:left;color:var(--soft);font-size:.82rem}
th,td{padding:.3rem .75rem .3rem 0;border-top:1px solid var(--line);text-align:left;vertical-align:baseline;font-weight:400}
th,td{overflow-wrap:normal}
td:last-child,.long{overflow-wrap:anywhere}
thead th{border:0;color:var(--soft);font-size:.78rem;font-weight:600}
th:last-child,td:last-child{padding-right:0}
.n{text-align:right;white-space:nowrap}
.zero{color:var(--soft)}
tbody th small{display:block}
.wide{overflow-x:auto}
.badge{padding:.05rem .45rem;border:1px solid currentColor;border-radius:99px;font-size:.75rem;font-weight:600;white-space:nowrap}
.notice{border-color:var(--up);background:var(--up-wash)}
.notice.wrong{border-color:var(--bad);background:var(--bad-wash)}
form{margin:0}
.ask{display:flex;flex-wrap:wrap;align-items:end;gap:.6rem;margin-bottom:.9rem}
time{white-space:nowrap}
label{display:grid;gap:.2rem;flex:1 1 14rem;max-width:28rem;font-size:.85rem;font-weight:600}
input{width:100%;padding:.4rem .6rem;border:1px solid var(--edge);border-radius:7px;background:var(--page);color:inherit;font:inherit;font-weight:400}
button{padding:.42rem .9rem;border:1px solid var(--accent);border-radius:7px;background:var(--accent);color:var(--card);font:inherit;font-weight:600;cursor:pointer}
button.end{white-space:nowrap;padding:.15rem .6rem;background:none;border-color:var(--bad);color:var(--bad)}
button:hover{filter:brightness(1.1)}
details button.end{white-space:normal}
summary{cursor:pointer;color:var(--accent)}
details[open]>details button.end{white-space:normal}
summary{margin-bottom:.5rem}
footer{padding-block:.5rem 1.5rem;color:var(--soft);font-size:.82rem}
@media(max-width:56rem){.cards{columns:1}.charts{grid-template-columns:minmax(0,1fr)}.state{margin-left:0;width:100%}}
@media(max-width:30rem){header,main,footer{padding-inline:.75rem}.card{padding-inline:.8rem}th,td{padding-right:.5rem}}
@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;
