import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LineLevel } from '../../lib/errors/log-lines.js';
import { NestLog } from '../../lib/nest-log.js';

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

const write = (level: LineLevel = 'error') => new NestLog('SessionCrypto').write(level, SENTENCE, FIELDS);

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

  it('gives another logger the sentence as a text, and the facts behind it', () => {
    const calls: unknown[][] = [];
    const take = (...args: unknown[]) => void calls.push(args);
    const logger = { log: take, warn: take, error: take };
    for (const level of ['error', 'warn'] as const) printed(logger, () => write(level));
    expect(calls).toEqual([
      [SENTENCE, undefined, FIELDS, 'SessionCrypto'], // second is the stack, as Nest has it
      [SENTENCE, FIELDS, 'SessionCrypto'],
    ]);
  });

  it('prints the context where a logger of the form (message, context) and (message, stack, context) prints it', () => {
    const lines: string[] = [];
    const logger = {
      log: (message: string, context?: string) => void lines.push(`[${context}] ${message.trim()}`),
      warn: (message: string, context?: string) => void lines.push('[' + context + '] ' + message.trim()),
      error: (message: string, stack?: string, context?: string) =>
        void lines.push(`[${context}] ${message.trim()}${stack ?? ''}`),
    };
    for (const level of ['log', 'warn', 'error'] as const) printed(logger, () => write(level));
    expect(lines).toEqual(Array.from({ length: 3 }, () => `[SessionCrypto] ${SENTENCE}`));
  });

  it('gives one object to the loggers of nest-winston and nestjs-pino alone, not to those that look like them', () => {
    const calls: unknown[][] = [];
    class Base {
      log = () => {};
      warn = (...args: unknown[]) => void calls.push(args);
      error = () => {};
    }
    class PinoLogger {}
    const Known = {
      Pino: class Logger extends Base {
        readonly contextName = 'context';
        readonly logger = new PinoLogger();
      },
      Winston: class WinstonLogger extends Base {
        getWinstonLogger = () => ({});
      },
    };
    const Unknown = {
      Native: class NativeLogger extends Known.Pino {},
      NoPino: class Logger extends Base {
        readonly contextName = 'context';
        readonly logger = {};
      },
      OwnWinston: class WinstonLogger extends Base {},
    };
    for (const Type of [...Object.values(Known), ...Object.values(Unknown)])
      printed(new Type(), () => write('warn'));
    expect(calls.map(([first]) => first)).toEqual([
      FIELDS,
      { ...FIELDS, message: SENTENCE },
      SENTENCE,
      SENTENCE,
      SENTENCE,
    ]);
    expect(calls[2]).toEqual([SENTENCE, 'SessionCrypto']); // it would write the facts as a record of their own
  });

  it('writes the sentence alone where a logger does not take the facts, and is stopped by no logger', async () => {
    const lines: string[] = [];
    const take = (message: string, context: string) => void lines.push(message.trim() + context.trim());
    printed({ log: take, warn: take, error: take }, () => write('warn'));
    expect(lines).toEqual([`${SENTENCE}SessionCrypto`]);
    const warned = once(process, 'warning') as Promise<[Error]>;
    const refuse = () => {
      throw new TypeError('no');
    };
    printed({ log: refuse, warn: refuse, error: refuse }, write);
    expect((await warned)[0]).toMatchObject({ code: 'SESSION_LOGGER_FAILED' });
  });

  it('writes the sentence alone while Nest keeps lines back, since the logger to come may take texts only', () => {
    const lines: string[] = [];
    const take = (message: string) => void lines.push(message.trim());
    Logger.attachBuffer();
    write();
    printed({ log: take, warn: take, error: take }, () => Logger.flush());
    expect(lines).toEqual([SENTENCE]);
  });

  it('gives a ConsoleLogger of the application a text, also with json', () => {
    const lines: unknown[] = [];
    class Own extends ConsoleLogger {
      override error(message: unknown) {
        lines.push(message);
      }
    }
    printed(new Own({ json: true }), write);
    printed(new Own({ json: true, structuredParams: false }), write);
    expect(lines).toEqual([SENTENCE, SENTENCE]);
  });

  it('writes nothing where logging is off', () => {
    expect(printed(false as never, write)).toBe('');
  });
});
