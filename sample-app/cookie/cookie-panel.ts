import { html, type Html } from '../pages/html.js';
import type { BrowserCookie, VisiblePart } from './browser-cookie.js';

/** Describes the cookie that came with this request, without its secret bytes. */
export function cookiePanel(cookie: BrowserCookie | undefined): Html {
  return html`<aside class="card panel" aria-labelledby="panel">
    <h2 id="panel">What your browser holds</h2>
    ${cookie ? description(cookie) : NOTHING}
  </aside>`;
}

const NOTHING = html`<p>
    No session cookie came with this page. An empty session is neither stored nor sent: it begins when you log
    in.
  </p>
  <div class="empty" aria-hidden="true">no cookie</div>`;

function description({ name, length, says, parts }: BrowserCookie): Html {
  const [version, hint] = parts;
  if (!version || !hint)
    return html`<p>
      A cookie <code>${name}</code> of ${length} characters, which this server did not make.
    </p>`;
  return html`<dl class="facts">
      <dt>Cookie</dt>
      <dd><code>${name}</code></dd>
      <dt>Length</dt>
      <dd>${length} characters</dd>
      <dt>Version</dt>
      <dd><code>0x${version.beginning}</code> ${says}</dd>
      <dt>Key hint</dt>
      <dd><code>${hint.beginning}</code></dd>
    </dl>
    ${bar(parts)}
    <ul class="parts">
      ${parts.map(line)}
    </ul>
    <p class="small">Dots stand for secret bytes, which no page should print.</p>`;
}

/** A bar with one block for each part. It is an SVG, since the Content-Security-Policy allows no inline styles. */
function bar(parts: readonly VisiblePart[]): Html {
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  let at = 0;
  const blocks = parts.map(({ name, bytes }) => {
    const block = html`<rect class="${colour(name)}" x="${at}" width="${bytes}" height="1">
      <title>${name}: ${bytes} bytes</title>
    </rect>`;
    at += bytes;
    return block;
  });
  return html`<svg
    class="bar"
    viewBox="0 0 ${total} 1"
    preserveAspectRatio="none"
    role="img"
    aria-label="The parts of the cookie, drawn to scale"
  >
    ${blocks}
  </svg>`;
}

const line = ({ name, bytes, beginning, shown, says }: VisiblePart) =>
  html`<li>
    <span class="swatch ${colour(name)}"></span><b>${name}</b>
    <code>${beginning}${shown < bytes && '•'.repeat(8)}</code>
    <span class="bytes">${bytes} ${bytes === 1 ? 'byte' : 'bytes'}</span>
    <span class="says">${says}</span>
  </li>`;

const colour = (name: string): string => `part-${name.replace(' ', '-').toLowerCase()}`;
