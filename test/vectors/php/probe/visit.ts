import { BEGUN } from './php-request.js';
import type { Answer, ProbeApp, Question } from './probe-app.js';

/** The results of a handler that begins a session if there is none, as PHP's start does, and the response's headers. */
export interface Seen extends Answer {
  readonly isNew: boolean;
  readonly id: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The headers by their names in lower case. */
  readonly told: ReadonlyMap<string, string>;
}

export async function visitOnce(app: ProbeApp, question: Question): Promise<Seen> {
  let seen = { isNew: false, id: '', data: {} as Readonly<Record<string, unknown>> };
  const answer = await app.ask(question, async (request) => {
    const session = await app.sessionOf(request);
    seen = { isNew: session.isNew, id: session.id, data: session.all() };
    if (session.isNew) session.set(BEGUN, true);
  });
  return { ...seen, ...answer, told: new Map(answer.headers.map(split)) };
}

function split(line: string): [name: string, value: string] {
  const colon = line.indexOf(': ');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
}
