import { Inject, Optional, type Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { CryptoDriver } from './crypto/crypto-driver.interface.js';
import type { DriverContainer } from './options/resolve-driver.js';

/** Finds drivers that the application provides where our module sees them: in a global module, or in `imports`. The
 *  container makes a provider first if it does not exist yet, which `ModuleRef.get` would not do. */
export const driversOf = (moduleRef: ModuleRef): DriverContainer => ({
  async find(token) {
    class Holder {
      constructor(readonly found: unknown) {}
    }
    Optional()(Holder, undefined, 0);
    Inject(token)(Holder, undefined, 0);
    return (await moduleRef.create(Holder)).found;
  },
  make: (driver) => moduleRef.create(driver as Type<CryptoDriver>),
});
