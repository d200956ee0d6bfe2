import { describe, expect, it } from 'vitest';
import type { CanActivate } from '@nestjs/common';
import { SessionConfigError, SessionCsrfGuard, SessionGuard } from 'nestjs-session-crypto';
import type { SessionDashboardOptions } from 'nestjs-session-crypto/dashboard';
import { resolveDashboard } from '../../../lib/dashboard/resolve-dashboard.js';

class AdminGuard implements CanActivate {
  canActivate = () => true;
}
class OperatorGuard extends SessionGuard {}

class PrototypeGuard implements CanActivate {
  canActivate() {
    return true;
  }
}

function faultsOf(options: unknown): string[] {
  try {
    resolveDashboard(options as SessionDashboardOptions);
    return [];
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return error.faults.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe('the options of the dashboard', () => {
  it.each([undefined, null, {}, { guard: undefined }, { guard: [] }, { path: 'x' }])(
    'stop the start without a guard: %j',
    (options) => {
      expect(faultsOf(options).join()).toMatch(
        /^dashboard\.guard: is missing.*register\(\{ guard: AdminGuard \}\)/,
      );
    },
  );

  it.each([
    ['a text', 'AdminGuard'],
    ['a function that is no guard', () => true],
    ['null', null],
    ['a list with a hole', [PrototypeGuard, undefined]],
    ['true', true],
  ])('stop the start with %s for a guard', (_, guard) => {
    expect(faultsOf({ guard }).join()).toMatch(
      /dashboard\.guard: .*allowed is a class or an object with canActivate/,
    );
  });

  it.each([[SessionGuard], [[SessionGuard, SessionCsrfGuard]], [new SessionGuard()]])(
    'stop the start where guards of this package alone would admit every user',
    (guard) => {
      expect(faultsOf({ guard }).join()).toContain('admits every user who is logged in');
    },
  );

  it.each([
    [PrototypeGuard],
    [AdminGuard],
    [new AdminGuard()],
    [OperatorGuard],
    [[SessionGuard, PrototypeGuard]],
  ])('take a guard of the application', (guard) => {
    expect(faultsOf({ guard })).toEqual([]);
  });

  it('list every fault, and guess what was meant', () => {
    const faults = faultsOf({ guard: PrototypeGuard, path: '../x', actor: 7, sessions: [1], decorator: [] });
    expect(faults.map((one) => one.split(':')[0])).toEqual([
      'dashboard.path',
      'dashboard.actor',
      'dashboard.sessions',
      'dashboard.decorator',
    ]);
    expect(faults.at(-1)).toContain('is "decorators" meant?');
  });
});
