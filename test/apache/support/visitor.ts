export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Set-Cookie lines as they came. */
  readonly cookies: readonly string[];
  readonly headers: Headers;
}

/** A browser with one cookie jar for all servers, httpd or Nest. Values are kept and sent as they are. */
export class Visitor {
  readonly jar: Map<string, string>;
  readonly #authorization: string | undefined;

  /** `authorization`: the header of that name; `jar`: one that somebody else fills too. */
  constructor({
    authorization,
    jar = new Map(),
  }: { authorization?: string; jar?: Map<string, string> } = {}) {
    this.jar = jar;
    this.#authorization = authorization;
  }

  get(url: string): Promise<Answer> {
    return this.#send(url, { method: 'GET' });
  }

  /** Posts text as it is. */
  post(url: string, body: string, type = 'text/plain'): Promise<Answer> {
    return this.#send(url, { method: 'POST', body, headers: { 'content-type': type } });
  }

  /** Posts a form. */
  submit(url: string, fields: Record<string, string>): Promise<Answer> {
    return this.post(url, String(new URLSearchParams(fields)), 'application/x-www-form-urlencoded');
  }

  async #send(url: string, init: RequestInit): Promise<Answer> {
    const headers = new Headers(init.headers);
    if (this.#authorization) headers.set('authorization', this.#authorization);
    if (this.jar.size) headers.set('cookie', [...this.jar].map((pair) => pair.join('=')).join('; '));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    const cookies = response.headers.getSetCookie();
    for (const line of cookies) this.#keep(line);
    return { status: response.status, body: await response.text(), cookies, headers: response.headers };
  }

  #keep(line: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (name === undefined || value === undefined) return;
    if (/;\s*max-age=0(;|$)/i.test(line)) this.jar.delete(name);
    else this.jar.set(name, value);
  }
}
