import crypto from 'node:crypto';
import { codeOf } from '../../../errors/session-store.error.js';
import { SessionConfigError } from '../../../errors/session-config.error.js';
import { CBC_CIPHERS } from '../../cbc-ciphers.js';
import { cbcSelfTest } from '../../cbc-self-test.js';
import type { CryptoDriver } from '../../crypto-driver.interface.js';
import { selfTest } from '../../self-test.js';
import { SUITES } from '../../suites.js';

/** What sets engines: `node:crypto`, which has none of it where Node is built on OpenSSL 4. */
export interface EngineHost {
  readonly setEngine?: (engine: string, flags?: number) => void;
  readonly constants: { readonly ENGINE_METHOD_CIPHERS?: number };
}

/** This name means no engine, as in APR. */
const NONE = 'openssl';

/** Whether a value of `engine=` names an engine. */
export const isEngine = (value: unknown): value is string => typeof value === 'string' && value !== NONE;

/** The one engine of a process. OpenSSL asks it for ciphers from then on, also for TLS, and there is no way back. */
export class EngineSwitch {
  private current: string | undefined;

  constructor(private readonly host: EngineHost) {}

  /** Why no engine can be set, or `undefined`. By its features, since no version says it. */
  missing(): string | undefined {
    const { setEngine, constants } = this.host;
    const isThere = typeof setEngine === 'function' && constants.ENGINE_METHOD_CIPHERS !== undefined;
    return isThere ? undefined : NO_SUPPORT;
  }

  /** Sets the engine, a name or the path of its .so, for ciphers only. Throws a SessionConfigError at `path`. */
  use(engine: string, path: string): void {
    if (this.current === engine) return;
    const fault = this.missing() ?? this.refused(engine);
    if (fault) throw new SessionConfigError([{ path, message: `${JSON.stringify(engine)}: ${fault}` }]);
    this.current = engine;
  }

  private refused(engine: string): string | undefined {
    if (this.current !== undefined)
      return `this process has the engine ${JSON.stringify(this.current)}, and one is all that a process can have; name the same one everywhere`;
    try {
      this.host.setEngine!(engine, this.host.constants.ENGINE_METHOD_CIPHERS);
      return undefined;
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED') return NO_SUPPORT;
      if (code === 'ERR_CRYPTO_ENGINE_UNKNOWN') return NOT_FOUND;
      return `OpenSSL cannot set it (${code})`;
    }
  }
}

const NO_SUPPORT =
  `this Node (${process.versions.node}, OpenSSL ${process.versions.openssl}) has no engine support; use an OpenSSL provider ` +
  '(OPENSSL_CONF names a file whose section nodejs_conf loads it), or driver nss or pkcs11';

const NOT_FOUND =
  'the engine was not found; give the path of its .so, or set OPENSSL_ENGINES to the folder that holds it. An engine that does not find its device says the same';

/** The engine of this process. */
export const processEngine = new EngineSwitch(crypto);

/** Refuses an engine that answers any cipher wrongly, those of our own form too: whatever this process encrypts goes
 *  through it, also what others in it had opened before. A cipher that cannot be had at all is left to those who ask for
 *  it. Rejects with a SessionConfigError. */
export async function testEngine(driver: CryptoDriver, engine: string, path: string): Promise<void> {
  const faults = await faultsOf(driver);
  if (!faults.length) return;
  const message = `${JSON.stringify(engine)} answers wrongly: ${faults.join(', ')}; take another engine, or none, in a new process`;
  throw new SessionConfigError([{ path, message }]);
}

async function faultsOf(driver: CryptoDriver): Promise<string[]> {
  const there = CBC_CIPHERS.filter(({ name }) => driver.cbc?.ciphers.includes(name));
  const tests = [
    ...there.map((cipher) => cbcSelfTest(driver, cipher)),
    ...SUITES.map((suite) => selfTest(driver, suite)),
  ];
  const faults = await Promise.all(tests.map((test) => test.catch(() => undefined)));
  return [...new Set(faults.flatMap((fault) => fault ?? []))];
}
