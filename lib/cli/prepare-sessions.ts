import { AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { AuditedOptions } from '../options/audit/audit-options.js';
import type { SessionCryptoOptions } from '../options/options.interface.js';
import { RAW_OPTIONS } from '../session-crypto.module-definition.js';
import { MANAGER } from '../session.providers.js';
import { isCookieStore } from '../options/store-kind.js';
import type { SessionManager } from '../manager/session-manager.js';
import type { MadeTable } from '../stores/sql/create-table.js';
import type { ResolveToken } from '../stores/session-store.interface.js';
import { QUIET, startApplication, type SessionFlags } from './open-sessions.js';

/** A store that can create its table. */
interface TableMaker {
  createTable(resolve: ResolveToken): Promise<MadeTable>;
}

/** A table that the options need. */
export interface NeededTable {
  /** What is kept in it. */
  readonly of: 'sessions' | 'keys' | 'revocations';
  readonly maker: TableMaker;
}

/** The sessions of one `forRoot`, before their stores are opened. */
export interface PreparedSessions {
  /** What `forRoot` got, with the name of the session. */
  readonly options: AuditedOptions;
  readonly tables: readonly NeededTable[];
  /** The kinds of the stores of sessions. */
  readonly kinds: readonly string[];
  readonly resolve: ResolveToken;
  close(): Promise<void>;
}

/** The methods of a platform that an application calls although it serves nothing. */
interface Platform {
  initHttpServer(): void;
  getHttpServer(): object;
  close(): void;
  getType(): string;
}

/** The platform of an application that serves nothing. */
class NoPlatform extends (AbstractHttpAdapter as unknown as new () => Platform) {
  override initHttpServer(): void {}
  override getHttpServer(): object {
    return { once: () => undefined, removeListener: () => undefined };
  }
  override close(): void {}
  override getType(): string {
    return 'none';
  }
}

/** Makes all providers of what the flags mean and opens no store of ours, so that a missing table is no fault. */
export const prepareSessions = (flags: SessionFlags): Promise<PreparedSessions> =>
  startApplication(
    flags,
    (module) => NestFactory.create(module, new NoPlatform() as unknown as AbstractHttpAdapter, QUIET),
    (app, manager) => ({
      options: optionsOf(app, manager),
      tables: tablesOf(manager),
      kinds: manager.stores.map(({ kind }) => kind),
      resolve: (token) => app.get(token as string, { strict: false }) as unknown,
      close: () => app.close(),
    }),
  );

/** Each module has options and a manager, and Nest finds both in one order. */
function optionsOf(app: INestApplicationContext, manager: SessionManager): AuditedOptions {
  const each = { strict: false, each: true } as const;
  const at = app.get<SessionManager>(MANAGER, each).indexOf(manager);
  return { ...app.get<SessionCryptoOptions>(RAW_OPTIONS, each)[at]!, name: manager.name };
}

/** Returns the tables of all profiles, each once. */
function tablesOf({ profiles }: SessionManager): NeededTable[] {
  const needed = profiles.flatMap(({ options: { store, crypto } }) => [
    { of: 'keys' as const, store: crypto.managed?.store },
    isCookieStore(store)
      ? { of: 'revocations' as const, store: store.options.revocation?.store }
      : { of: 'sessions' as const, store },
  ]);
  const unique = needed.filter(({ store }, i) => needed.findIndex((one) => one.store === store) === i);
  return unique.flatMap(({ of, store }) => (isTableMaker(store) ? [{ of, maker: store }] : []));
}

const isTableMaker = (store: unknown): store is TableMaker =>
  typeof (Object(store) as Partial<TableMaker>).createTable === 'function';
