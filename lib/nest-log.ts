import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import type { LineFields, LineLevel } from './errors/log-lines.js';
import type { LineWriter } from './manager/session-log.js';

/** Writes lines to Nest's logger. Each logger takes facts in a way of its own, so the way is chosen by the logger that is in use:
 *
 *  - ConsoleLogger that prints text, and every logger while Nest keeps lines back (`bufferLogs`): the sentence alone;
 *  - ConsoleLogger of Nest 12 with `json: true`: the facts as `params` (or flat, with `flattenParams`);
 *  - ConsoleLogger of Nest 11 with `json: true`, and nest-winston: one object with the sentence as `message`;
 *  - nestjs-pino: the facts first, as pino has it, so that the sentence is `msg`;
 *  - every other one: the sentence, and the facts as a further parameter, which `LoggerService` allows.
 *
 *  A logger that throws stops nothing. */
export class NestLog implements LineWriter {
  private readonly logger: Logger;

  constructor(context: string) {
    this.logger = new Logger(context);
  }

  write(level: LineLevel, message: string, fields: LineFields): void {
    const target = Logger['isBufferAttached'] ? undefined : Logger['staticInstanceRef'];
    const [first, ...others] = target ? argumentsFor(target, message, fields) : [message];
    try {
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
      process.emitWarning(`the logger of the application threw: ${String((error as Error)?.name)}`, {
        type: 'SessionCryptoWarning',
        code: 'SESSION_LOGGER_FAILED',
      });
    }
  }
}

function argumentsFor(target: LoggerService, message: string, fields: LineFields): unknown[] {
  if (isPino(target)) return [fields, message];
  if (isWinston(target)) return [{ ...fields, message }];
  if (!(target instanceof ConsoleLogger)) return [message, fields];
  if (!target['options'].json) return [message];
  if (takesParams(target)) return [message, fields];
  return target.constructor === ConsoleLogger ? [{ ...fields, message }] : [message];
}

/** The logger of nestjs-pino keeps the name of the member for the context, and the logger of pino. */
const isPino = (target: LoggerService): boolean => 'contextName' in target && 'logger' in target;

/** The logger of nest-winston. */
const isWinston = (target: LoggerService): boolean => target.constructor?.name === 'WinstonLogger';

/** Nest 12 prints plain objects behind the message as `params`; Nest 11 prints each as a record of its own. */
const takesParams = (target: ConsoleLogger): boolean =>
  'stringifyParams' in target &&
  (target['options'] as { structuredParams?: boolean }).structuredParams !== false;
