import type { OutgoingHttpHeaders } from 'node:http';
import { ask, type Answer, type Question } from './ask.js';

/** A browser with one cookie jar for every path and host. It keeps and sends values as they are. */
export class Visitor {
  constructor(
    /** The start of every address that does not begin with `http:`. */
    readonly url: string,
    readonly jar = new Map<string, string>(),
    /** Sent with every request. */
    private readonly headers: OutgoingHttpHeaders = {},
  ) {}

  /** Another visitor with the same cookies, such as a second request of the same browser, or a thief. */
  copy(url = this.url): Visitor {
    return new Visitor(url, new Map(this.jar), this.headers);
  }

  /** The Cookie header. */
  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  get(path: string, headers?: OutgoingHttpHeaders): Promise<Answer> {
    return this.send('GET', path, { headers });
  }

  /** Posts text as it is. */
  post(path: string, body: string): Promise<Answer> {
    return this.send('POST', path, { body, headers: { 'content-type': 'text/plain' } });
  }

  /** Posts a form. */
  submit(path: string, form: Readonly<Record<string, string>>): Promise<Answer> {
    return this.send('POST', path, { form });
  }

  /** Sends one request with the cookies of the jar and keeps those of the response. */
  async send(method: string, path: string, question: Question = {}): Promise<Answer> {
    const { cookie } = this;
    const headers = { ...(cookie && { cookie }), ...this.headers, ...question.headers };
    const url = path.startsWith('http:') ? path : this.url + path;
    const answer = await ask(url, { ...question, method, headers });
    for (const line of answer.cookies) this.keep(line);
    return answer;
  }

  private keep(line: string): void {
    const [, name, value] = /^([^=;]+)=([^;]*)/.exec(line) ?? [];
    if (name === undefined || value === undefined) return;
    if (/;\s*max-age=0(;|$)/i.test(line)) this.jar.delete(name);
    else this.jar.set(name, value);
  }
}
