import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LogLine, NestLog } from '../../lib/nest-log.js';

const FIELDS = { event: 'storeDown', session: 'default', code: 'ECONNREFUSED', count: 1, left: undefined };
const SENTENCE = 'The session store does not respond';

/** What a ConsoleLogger writes to the streams of the process. */
function printed(logger: LoggerService, write: () => void): string {
  let text = '';
  const take = (chunk: unknown) => ((text += String(chunk)), true);
  const streams = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(take),
  );
  Logger.overrideLogger(logger);
  try {
    write();
  } finally {
    for (const stream of streams) stream.mockRestore();
  }
  return text;
}

const write = () => new NestLog('SessionCrypto').write('error', SENTENCE, FIELDS);

afterEach(() => Logger.overrideLogger(new ConsoleLogger()));

describe('NestLog', () => {
  it("prints one plain sentence where Nest's logger prints text", () => {
    const text = printed(new ConsoleLogger({ colors: false }), write);
    expect(text).toMatch(/ERROR \[SessionCrypto\] The session store does not respond\n$/);
    expect(text).not.toContain('storeDown');
  });

  it("gives Nest's JSON logger the sentence as the message, and the facts beside it", () => {
    const record = JSON.parse(printed(new ConsoleLogger({ json: true }), write)) as object;
    expect(record).toMatchObject({
      level: 'error',
      message: SENTENCE,
      context: 'SessionCrypto',
      params: { event: 'storeDown', session: 'default', code: 'ECONNREFUSED', count: 1 },
    });
  });

  it('puts the facts into the record itself with flattenParams', () => {
    const record = JSON.parse(
      printed(new ConsoleLogger({ json: true, flattenParams: true }), write),
    ) as object;
    expect(record).toMatchObject({ message: SENTENCE, event: 'storeDown', code: 'ECONNREFUSED' });
  });

  it('puts all into the message where a JSON logger takes no params', () => {
    const logger = new ConsoleLogger({ json: true, structuredParams: false });
    const record = JSON.parse(printed(logger, write)) as object;
    expect(record).toMatchObject({
      message: { message: SENTENCE, event: 'storeDown' },
      context: 'SessionCrypto',
    });
  });

  it('gives another logger an object that prints as the sentence, and has the facts', () => {
    const lines: unknown[] = [];
    const take = (...args: unknown[]) => void lines.push(args[0]);
    printed({ log: take, warn: take, error: take }, write);
    expect(`${String(lines[0])}|${inspect(lines[0])}`).toBe(`${SENTENCE}|${SENTENCE}`);
    expect({ ...(lines[0] as object) }).toMatchObject({ message: SENTENCE, event: 'storeDown' });
    expect(lines[0]).toBeInstanceOf(LogLine);
  });

  it('keeps the facts of lines that Nest keeps back until its logger is known', () => {
    Logger.attachBuffer();
    write();
    const text = printed(new ConsoleLogger({ colors: false }), () => Logger.flush());
    expect(text).toMatch(/\[SessionCrypto\] The session store does not respond\n$/);
  });

  it('writes nothing where logging is off', () => {
    expect(printed(false as never, write)).toBe('');
  });
});
