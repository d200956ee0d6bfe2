// Pictures as SVG: text stays text, no fonts from elsewhere, colours for light and dark pages. Pure.
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px } .small { font-size: 11px; fill: #59636e }
  .ours { fill: #0969da; stroke: #0969da } .other { fill: #afb8c1; stroke: #8c959f } .line { fill: none; stroke-width: 2 } .axis { stroke: #d1d9e0 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .small { fill: #9198a1 } .axis { stroke: #3d444d }
    .ours { fill: #4493f8; stroke: #4493f8 } .other { fill: #656c76; stroke: #9198a1 }
    .line { fill: none }
  }`;
const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text) => String(text).replace(/[&<>"]/g, (sign) => ESCAPES[sign]);

const text = (x, y, content, more = '') => `<text x="${x}" y="${y}"${more}>${escape(content)}</text>`;
const document = (width, height, title, parts) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">
<title>${escape(title)}</title>
<style>${STYLE}
</style>
${parts.join('\n')}
</svg>
`;

const WIDTH = 820;
const LABEL = 270;
const BAR = 22;

/** Groups of horizontal bars, each { title, bars: [{ label, value, ours }] }, on one scale. */
export function bars(title, note, groups) {
  const most = Math.max(...groups.flatMap((group) => group.bars.map(({ value }) => value)), 1);
  const parts = [text(16, 26, title, ' class="title"'), text(16, 44, note, ' class="small"')];
  let y = 60;
  for (const group of groups) {
    parts.push(text(16, y + 15, group.title, ' class="title"'));
    y += 26;
    for (const bar of group.bars) {
      parts.push(barOf(bar, y, most));
      y += BAR;
    }
    y += 12;
  }
  return document(WIDTH, y, title, parts);
}

function barOf({ label, value, ours }, y, most) {
  const length = Math.max(1, Math.round((value / most) * (WIDTH - LABEL - 90)));
  return [
    text(LABEL - 8, y + 13, label, ` text-anchor="end"${ours ? ' font-weight="600"' : ''}`),
    `<rect x="${LABEL}" y="${y}" width="${length}" height="${BAR - 6}" rx="2" class="${ours ? 'ours' : 'other'}"/>`,
    text(LABEL + length + 6, y + 13, `${Math.round(value)} µs`),
  ].join('');
}

const PLOT = { left: 60, right: 560, top: 60, bottom: 300 };
const DASHES = ['', '6 3', '2 3', '10 3 2 3'];

/** Lines of { label, ours, points: [[x, y]] } over a logarithmic x axis. */
export function lines(title, xTitle, series) {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].toSorted((a, b) => a - b);
  const top = Math.max(...series.flatMap(({ points }) => points.map(([, y]) => y)), 1);
  const place = (x) => PLOT.left + ((PLOT.right - PLOT.left) * Math.log(x / xs[0])) / (Math.log(xs.at(-1) / xs[0]) || 1);
  const height = (y) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * y) / top;
  const axis = [
    `<path class="axis" fill="none" d="M${PLOT.left} ${PLOT.top}V${PLOT.bottom}H${PLOT.right}"/>`,
    text(PLOT.left - 6, PLOT.top + 4, Math.round(top), ' class="small" text-anchor="end"'),
    text(PLOT.left - 6, PLOT.bottom, 0, ' class="small" text-anchor="end"'),
    ...xs.map((x) => text(place(x).toFixed(0), PLOT.bottom + 16, x.toLocaleString('en'), ' class="small" text-anchor="middle"')),
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 36, xTitle, ' text-anchor="middle"'),
  ];
  const drawn = series.map((one, i) => lineOf(one, i, place, height));
  return document(WIDTH, 350, title, [text(16, 26, title, ' class="title"'), text(16, 44, 'µs of CPU for each request', ' class="small"'), ...axis, ...drawn]);
}

function lineOf({ label, ours, points }, i, place, height) {
  const style = `class="line ${ours ? 'ours' : 'other'}" style="fill:none" stroke-dasharray="${DASHES[i % DASHES.length]}"`;
  const path = points.map(([x, y], k) => `${k ? 'L' : 'M'}${place(x).toFixed(1)} ${height(y).toFixed(1)}`).join('');
  const y = PLOT.top + 20 * i;
  return `<path ${style} d="${path}"/><path ${style} d="M580 ${y}H606"/>${text(612, y + 4, label, ' class="small"')}`;
}
