import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import { inspect } from 'node:util';
import type { LineFields, LineLevel } from './errors/log-lines.js';
import type { LineWriter } from './manager/session-log.js';

/** A line for loggers that take one object. It prints as its sentence, and has the facts beside it: nest-winston and nestjs-pino
 *  put them into the record. */
export class LogLine {
  declare readonly message: string;

  constructor(message: string, fields: LineFields) {
    Object.assign(this, fields, { message });
  }

  toString(): string {
    return this.message;
  }

  [inspect.custom](): string {
    return this.message;
  }
}

/** Writes lines to Nest's logger. Each logger takes facts in a way of its own, so the way is chosen by the logger that is in use:
 *
 *  - ConsoleLogger that prints text: the sentence alone;
 *  - ConsoleLogger of Nest 12 with `json: true`: the facts as `params` (or flat, with `flattenParams`);
 *  - nestjs-pino: the facts first, as pino has it, so that the sentence is `msg`;
 *  - every other one, and while Nest keeps lines back (`bufferLogs`): a {@link LogLine}. */
export class NestLog implements LineWriter {
  private readonly logger: Logger;

  constructor(context: string) {
    this.logger = new Logger(context);
  }

  write(level: LineLevel, message: string, fields: LineFields): void {
    const target = Logger['isBufferAttached'] ? undefined : Logger['staticInstanceRef'];
    if (target && isPino(target)) this.logger[level](fields, message);
    else if (!(target instanceof ConsoleLogger)) this.logger[level](new LogLine(message, fields));
    else if (!target['options'].json) this.logger[level](message);
    else if (takesParams(target)) this.logger[level](message, fields);
    else this.logger[level](new LogLine(message, fields));
  }
}

/** The logger of nestjs-pino keeps the name of the member for the context, and the logger of pino. */
const isPino = (target: LoggerService): boolean => 'contextName' in target && 'logger' in target;

/** Nest 12 prints plain objects behind the message as `params`; Nest 11 prints each as a record of its own. */
const takesParams = (target: ConsoleLogger): boolean =>
  'stringifyParams' in target &&
  (target['options'] as { structuredParams?: boolean }).structuredParams !== false;
