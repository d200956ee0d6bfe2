import { All, Controller, Req } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { CurrentSession, type Session, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { fromApacheDirectives } from '../../../lib/apache/index.js';
import { startApp, type TestApp } from '../../support/test-app.js';
import { ALICE } from './accounts.js';
import { includeFrom, type ConfFile } from './conf-files.js';

@Controller()
class AnyPath {
  /** Writes what the request asks for, and answers with the session. */
  @All(['/', '*path'])
  visit(@Req() { headers }: IncomingMessage, @CurrentSession() session: Session<Record<string, unknown>>) {
    const { 'x-set': text } = headers;
    if (text) session.set('and', String(text));
    return { all: session.all(), subject: session.subject ?? null };
  }
}

/** What the reader needs to know besides the text. */
export interface Place {
  readonly root: string;
  readonly port: number;
  /** libpq's words for the database. */
  readonly connection: string;
}

/** Reads a configuration here. */
export function readConf(
  { text, modules, htaccess }: ConfFile,
  { root, port, connection }: Place,
): SessionCryptoOptions {
  return fromApacheDirectives(text, {
    serverRoot: root,
    defines: { ROOT: root, PORT: String(port), DBD: connection },
    include: includeFrom,
    modules: modules.map((name) => `${name}_module`),
    dataSource: { type: 'postgres', url: process.env['TEST_DATABASE_URL']!, poolSize: 2 },
    othersMayRead: true,
    verify: (user, password) => user === ALICE.name && password === ALICE.password,
    ...(htaccess !== undefined && { context: 'htaccess', path: htaccess }),
  });
}

/** Starts an application with the options, over plain http. */
export const startNest = (options: SessionCryptoOptions): Promise<TestApp> =>
  startApp({
    adapter: 'express',
    session: { ...options, cookie: { ...options.cookie, secure: false } },
    controllers: [AnyPath],
  });
