import type { ServerResponse } from 'node:http';
import { takeFromHead } from '../http/gate/response-head.js';
import type { PlatformRequest } from '../http/connection.js';
import { dropHeader, hideCookies, putHeader } from '../http/request-headers.js';
import type { HeaderExchange } from '../persistence/session-format.interface.js';
import type { SessionState } from '../session/session-state.js';

/** The exchange of one session with a backend by headers, for one request: the request's header tells the backend the
 *  session, and the response's header changes it. */
export class BackendExchange {
  /** The text of the response's header, until it is merged into the session. */
  private sessionHeaderText = '';
  private received = false;

  constructor(private readonly exchange: HeaderExchange) {}

  /** True if a header of the response can change the session. */
  get readsResponse(): boolean {
    return this.exchange.header !== undefined;
  }

  /** True if the backend is told the session, which has to be loaded for it. */
  get writesRequest(): boolean {
    return this.exchange.env;
  }

  /** True if the response had the header, even an empty one. */
  get answered(): boolean {
    return this.received;
  }

  /** True if the response has sent a text that is not merged yet. */
  get pending(): boolean {
    return this.sessionHeaderText !== '';
  }

  /** Hides our cookies from the backend, if the format asks for it. */
  hideCookies(request: PlatformRequest, names: readonly string[]): void {
    if (this.exchange.cookieRemove) hideCookies(request, names);
  }

  /** Writes the session into the header for the backend; an empty text while nothing is stored. */
  writeRequest(request: PlatformRequest, state: SessionState): void {
    const { envHeader, textOf } = this.exchange;
    putHeader(request, envHeader, state.loaded ? textOf.call(this.exchange, state.current) : '');
  }

  /** Takes the header out of a response's head, and returns the arguments that `writeHead` has then. */
  readResponse(response: ServerResponse, args: unknown[]): unknown[] {
    const { header } = this.exchange;
    if (!header) return args;
    const head = takeFromHead(response, args, header);
    if (head.values.length) {
      this.received = true;
      this.sessionHeaderText = head.values[0]!;
    }
    return head.args;
  }

  /** Hands over the text of the response, once: a session that cannot be loaded then does not count as used. */
  takeText(): string {
    const text = this.sessionHeaderText;
    this.sessionHeaderText = '';
    this.received = false;
    return text;
  }

  /** Merges a text of the response into the session, unless the session takes no changes. */
  mergeInto(state: SessionState, text: string): void {
    if (state.takesChanges) state.change({ apply: (draft) => this.exchange.merge(draft, text) });
  }
}

/** Removes the headers that only this package may set, so that a visitor cannot forge them. */
export function dropBackendHeaders(request: PlatformRequest, names: ReadonlySet<string>): void {
  if (names.size) for (const name of names) dropHeader(request, name);
}
