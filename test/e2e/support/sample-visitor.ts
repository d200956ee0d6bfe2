import { expect } from 'vitest';
import { DEMO_USERS } from '../../../sample-app/users/demo-users.js';

export interface Sight {
  readonly status: number;
  readonly location: string | null;
  readonly text: string;
  readonly cookies: readonly string[];
}

/** A browser that keeps cookies and follows no redirect by itself. */
export class Visitor {
  readonly cookies = new Map<string, string>();

  constructor(
    private readonly port: number,
    private readonly userAgent = 'test',
  ) {}

  get(path: string): Promise<Sight> {
    return this.ask(path, {});
  }

  /** Posts a form. The Origin header is what old browsers send; without it only the token speaks. */
  post(path: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Sight> {
    return this.ask(path, { method: 'POST', body: new URLSearchParams(form), headers });
  }

  async logIn(name: string, next = '/'): Promise<Sight> {
    const { password } = DEMO_USERS.find(({ id }) => id === name)!;
    const sight = await this.post('/login', { user: name, password, next }, this.ownOrigin);
    expect(sight.status).toBe(303);
    return sight;
  }

  /** The token in the first form of a page. */
  async csrf(path: string): Promise<string> {
    return /name="_csrf" value="([^"]+)"/.exec((await this.get(path)).text)![1]!;
  }

  get ownOrigin(): Record<string, string> {
    return { origin: `http://127.0.0.1:${this.port}` };
  }

  private async ask(path: string, { headers, ...init }: RequestInit & { headers?: Record<string, string> }) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      ...init,
      redirect: 'manual',
      headers: { ...headers, cookie, 'user-agent': this.userAgent },
    });
    const cookies = answer.headers.getSetCookie();
    cookies.forEach((line) => this.keep(line));
    const location = answer.headers.get('location');
    return { status: answer.status, location, text: await answer.text(), cookies };
  }

  private keep(line: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
    if (value) this.cookies.set(name!, value);
    else this.cookies.delete(name!);
  }
}
