import type { ModuleRef } from '@nestjs/core';
import { meantHint } from '../errors/nearest-name.js';
import { SessionConfigError } from '../errors/session-config.error.js';
import type { SessionManager } from '../manager/session-manager.js';
import { managersOf } from '../session.providers.js';
import type { SessionService } from '../session.service.js';
import { getSessionServiceToken } from '../session.tokens.js';
import { Dashboard } from './dashboard.js';
import type { ResolvedDashboard } from './resolve-dashboard.js';

/** Injection token of the {@link DashboardHost}.
 *  @internal */
export const HOST = Symbol.for('nestjs-session-crypto/dashboard/host');

const NO_SESSIONS =
  'SessionDashboardModule finds no sessions; import SessionCryptoModule.forRoot({ crypto: … }) beside it';

/** Holds the dashboard of one application, which can be made only when the sessions are there. */
export class DashboardHost {
  private opened: { readonly dashboard: Dashboard; readonly managers: readonly SessionManager[] } | undefined;

  constructor(private readonly options: ResolvedDashboard) {}

  /** Finds the sessions of the application. Throws a SessionConfigError if one that is named is not there. */
  open(moduleRef: ModuleRef): void {
    const managers = managersOf(moduleRef);
    if (!managers.length) throw new SessionConfigError([{ path: 'imports', message: NO_SESSIONS }]);
    const { sessions = managers.map(({ name }) => name) } = this.options;
    const shown = sessions.map((name, i) => {
      const manager = managers.find((one) => one.name === name) ?? unknown(name, i, managers);
      const service = moduleRef.get<SessionService>(getSessionServiceToken(name), { strict: false });
      return { manager, service };
    });
    this.opened = { dashboard: new Dashboard(shown, this.options), managers };
  }

  /** Is there as soon as requests come. */
  get dashboard(): Dashboard {
    return this.opened!.dashboard;
  }

  /** Stops what has begun; a start may have failed before. */
  stop(): void {
    this.opened?.dashboard.stop();
  }

  /** All sessions of the application, shown or not. */
  get managers(): readonly SessionManager[] {
    return this.opened?.managers ?? [];
  }
}

function unknown(name: string, i: number, managers: readonly SessionManager[]): never {
  const known = managers.map((one) => one.name);
  const hint = meantHint(name, known) || `; there are ${known.join(', ')}`;
  const message = `is ${JSON.stringify(name.slice(0, 60))}, and no session has that name${hint}`;
  throw new SessionConfigError([{ path: `dashboard.sessions[${i}]`, message }]);
}
