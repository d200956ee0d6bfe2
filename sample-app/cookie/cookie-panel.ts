import { html, type Html } from '../pages/html.js';
import type { BrowserCookie, VisiblePart } from './browser-cookie.js';
import { bytesText, colourOf, tokenBar } from './token-bar.js';

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
    ${tokenBar(parts)}
    <ul class="parts">
      ${parts.map(line)}
    </ul>
    <p class="small">Dots stand for secret bytes, which no page should print.</p>`;
}

const line = ({ name, bytes, beginning, shown, says }: VisiblePart) =>
  html`<li>
    <span class="swatch ${colourOf(name)}"></span><b>${name}</b>
    <code>${beginning}${shown < bytes && '•'.repeat(8)}</code>
    <span class="bytes">${bytesText(bytes)}</span>
    <span class="says">${says}</span>
  </li>`;
