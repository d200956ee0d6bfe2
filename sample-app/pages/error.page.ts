import type { HttpException } from '@nestjs/common';
import { STATUS_CODES } from 'node:http';
import { html } from './html.js';
import type { PageContent } from './page.js';

const REASONS: Readonly<Record<number, string>> = {
  400: 'The form holds something that this page does not know.',
  401: 'You logged in some time ago. For this page, prove once more that it is you.',
  403: 'This form did not come from our own pages, so nothing was changed.',
  404: 'There is nothing at this address.',
};

/** The page of an exception. A 401 reaches it only where somebody is logged in. */
export function errorPage(exception: HttpException, loginPath: string): PageContent {
  const status = exception.getStatus();
  const title = STATUS_CODES[status] ?? 'Error';
  const main = html`<h1>${title}</h1>
    ${reasonsOf(exception).map((reason) => html`<p class="lead">${reason}</p>`)}
    <p class="actions">
      ${status === 401 && html`<a class="button" href="${loginPath}">Log in again</a>`}
      <a class="button quiet" href="/">To the first page</a>
    </p>`;
  return { title: `${status} ${title}`, main };
}

/** ValidationPipe lists its messages and a guard may give one. Nest's own exceptions only repeat their status, and the message
 *  of `SessionCsrfGuard` is for the programmer of a form. */
function reasonsOf(exception: HttpException): readonly string[] {
  const status = exception.getStatus();
  const { message, code } = Object(exception.getResponse()) as { message?: unknown; code?: unknown };
  if (Array.isArray(message)) return message as string[];
  const isForVisitors = !String(code).startsWith('ERR_CSRF_');
  if (status === 403 && isForVisitors && exception.message !== STATUS_CODES[403]) return [exception.message];
  return [REASONS[status] ?? 'That did not work.'];
}
