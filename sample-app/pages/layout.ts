import { cookiePanel } from '../cookie/cookie-panel.js';
import type { BrowserCookie } from '../cookie/browser-cookie.js';
import { postButton } from './form.js';
import { html, type Html } from './html.js';
import { MENU } from './menu.js';
import type { PageContent } from './page.js';

export interface LayoutContent extends PageContent {
  readonly path: string;
  readonly subject: string | undefined;
  readonly notice: string | undefined;
  /** Token for the form that logs out. */
  readonly csrf: string | undefined;
  readonly cookie: BrowserCookie | undefined;
}

/** The whole document. */
export function layout(content: LayoutContent): Html {
  const { title, main, notice, cookie, wide } = content;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Sealed Goods</title>
        <link rel="icon" href="/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        ${header(content)}
        <main ${wide && html`class="wide"`}>
          <div class="content">${notice && html`<p class="notice" role="status">${notice}</p>`} ${main}</div>
          ${!wide && cookiePanel(cookie)}
        </main>
        <footer>A sample of <code>nestjs-session-crypto</code>. Nothing here is for sale.</footer>
      </body>
    </html>`;
}

function header({ path, subject, csrf }: LayoutContent): Html {
  return html`<header>
    <a class="brand" href="/"><img src="/icon.svg" alt="" width="28" height="28" />Sealed Goods</a>
    ${subject !== undefined && menu(path)}
    ${
      subject !== undefined &&
      html`<div class="who"><span>${subject}</span>${postButton('/logout', { csrf, label: 'Log out' })}</div>`
    }
  </header>`;
}

function menu(path: string): Html {
  return html`<nav aria-label="Pages">
    ${Object.entries(MENU).map(
      ([href, label]) => html`<a href="${href}" ${currentOf(href, path)}>${label}</a> `,
    )}
  </nav>`;
}

/** Marks the page itself, and the entry of the menu that it belongs to. */
function currentOf(href: string, path: string): Html | false {
  if (href === path) return html`aria-current="page"`;
  return href !== '/' && path.startsWith(`${href}/`) && html`aria-current="true"`;
}
