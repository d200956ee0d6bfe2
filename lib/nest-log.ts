import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import type { LineFields, LineLevel } from './errors/log-lines.js';
import type { LineWriter } from './manager/session-log.js';

/** Writes lines to Nest's logger. Each logger takes facts in a way of its own, so the way is chosen by the logger that is in use:
 *
 *  - ConsoleLogger that prints text, or before another logger takes its place (`bufferLogs`): the sentence alone;
 *  - ConsoleLogger of Nest 12 with `json: true`: the facts as `params` (or flat, with `flattenParams`);
 *  - ConsoleLogger of Nest 11 with `json: true`, and nest-winston: one object with the sentence as `message`;
 *  - nestjs-pino: the facts first, as pino has it, so that the sentence is `msg`;
 *  - every other one: the sentence, and the facts as a further parameter, which `LoggerService` allows. A logger that keeps
 *    the form `(message, context)` and prints the context as text sees the context.
 *
 *  A logger that throws stops nothing. */
export class NestLog implements LineWriter {
  private readonly logger: Logger;

  constructor(private readonly context: string) {
    this.logger = new Logger(context);
  }

  write(level: LineLevel, message: string, fields: LineFields): void {
    const target = Logger['staticInstanceRef'];
    // While Nest keeps lines back, another logger may still take the place of its own.
    const isKnown = target && !(Logger['isBufferAttached'] && target instanceof ConsoleLogger);
    try {
      const [first, ...others] = isKnown ? this.argumentsFor(target, level, message, fields) : [message];
      this.logger[level](first, ...others);
    } catch {
      this.writePlainly(level, message);
    }
  }

  /** The application's own logger did not take the facts. */
  private writePlainly(level: LineLevel, message: string): void {
    try {
      this.logger[level](message);
    } catch (error) {
      process.emitWarning(`the logger of the application threw: ${nameOf(error)}`, {
        type: 'SessionCryptoWarning',
        code: 'SESSION_LOGGER_FAILED',
      });
    }
  }

  private argumentsFor(
    target: LoggerService,
    level: LineLevel,
    message: string,
    fields: LineFields,
  ): unknown[] {
    if (isPino(target)) return isA(target, 'Logger') ? [fields, message] : [message];
    if (isWinston(target)) return [{ ...fields, message }];
    if (!(target instanceof ConsoleLogger)) return behind(level, message, factsNamed(this.context, fields));
    if (!target['options'].json) return [message];
    if (takesParams(target)) return [message, fields];
    return target.constructor === ConsoleLogger ? [{ ...fields, message }] : [message];
  }
}

/** Second in an `error()` is the stack. */
const behind = (level: LineLevel, message: string, facts: LineFields): unknown[] =>
  level === 'error' ? [message, undefined, facts] : [message, facts];

/** Many loggers take `(message, context)`, and find the facts where the context is: as a text, these are the context. */
const factsNamed = (context: string, fields: LineFields): LineFields =>
  Object.defineProperty({ ...fields }, 'toString', { value: () => context }) as LineFields;

/** A class of the application can have the members of a known logger and take texts only, so the names of both are compared. */
const isA = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && value.constructor?.name === name;

/** A logger of nestjs-pino: its `NativeLogger` writes each object as a record of its own, its `Logger` merges the first one. */
const isPino = (target: LoggerService): boolean => 'logger' in target && isA(target.logger, 'PinoLogger');

/** The logger of nest-winston gives away the logger of winston. */
const isWinston = (target: LoggerService): boolean =>
  isA(target, 'WinstonLogger') && 'getWinstonLogger' in target;

/** The message of an error may be long, or hold what the line holds. Anything can be thrown. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.constructor.name : typeof error);

/** Nest 12 prints plain objects behind the message as `params`; Nest 11 prints each as a record of its own. */
const takesParams = (target: ConsoleLogger): boolean =>
  'stringifyParams' in target &&
  (target['options'] as { structuredParams?: boolean }).structuredParams !== false;
