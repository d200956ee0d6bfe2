import crypto from 'node:crypto';
import { codeOf } from '../../../errors/session-store.error.js';
import { SessionConfigError } from '../../../errors/session-config.error.js';
import { CBC_CIPHERS } from '../../cbc-ciphers.js';
import { cbcSelfTest } from '../../cbc-self-test.js';
import type { CryptoDriver } from '../../crypto-driver.interface.js';
import { selfTest } from '../../self-test.js';
import { SUITES } from '../../suites.js';

// OpenSSL engines, which httpd's `SessionCryptoDriver openssl engine=NAME` names. OpenSSL 3 has deprecated them, and
// OpenSSL 4 has none.

/** The part of `node:crypto` that sets engines. A Node on OpenSSL 4 lacks it. */
export interface EngineHost {
  readonly setEngine?: (engine: string, flags?: number) => void;
  readonly constants: { readonly ENGINE_METHOD_CIPHERS?: number };
}

/** This name means no engine, as in APR (apr_crypto_openssl.c). */
const NONE = 'openssl';

/** Reports whether a value of the parameter `engine` names an engine. */
export const isEngine = (value: unknown): value is string => typeof value === 'string' && value !== NONE;

/** Sets the one engine of a process. From then on OpenSSL uses it for every cipher of the process, TLS included. Node has
 *  no way to unset it. */
export class EngineSwitch {
  private current: string | undefined;

  constructor(private readonly host: EngineHost) {}

  /** Returns the reason why this Node cannot set an engine, or `undefined` if it can. It looks for the functions, since a
   *  build may lack engines in any version. */
  missing(): string | undefined {
    const { setEngine, constants } = this.host;
    const isThere = typeof setEngine === 'function' && constants.ENGINE_METHOD_CIPHERS !== undefined;
    return isThere ? undefined : NO_SUPPORT;
  }

  /** Sets the engine, given by its name or by the path of its .so, for ciphers only. Does nothing if it is already set.
   *  Throws a SessionConfigError at `path` if OpenSSL refuses, or if the process has another engine. */
  use(engine: string, path: string): void {
    if (this.current === engine) return;
    const fault = this.missing() ?? this.trySet(engine);
    if (fault) throw new SessionConfigError([{ path, message: `${JSON.stringify(engine)}: ${fault}` }]);
    this.current = engine;
  }

  /** Sets the engine and returns `undefined`, or returns the reason why it was not set. */
  private trySet(engine: string): string | undefined {
    if (this.current !== undefined)
      return `this process has the engine ${JSON.stringify(this.current)}, and a process can have only one; name the same engine everywhere`;
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
  'the engine was not found; give the path of its .so, or set OPENSSL_ENGINES to the folder that holds it. OpenSSL reports the same if an engine does not find its device';

/** The switch of this process. */
export const processEngine = new EngineSwitch(crypto);

/** Tests the engine that was set against the known answers of all ciphers, those of the native format included: the engine
 *  serves the whole process, so also drivers that were opened before. A cipher that fails with an error, and not with a
 *  wrong result, is left to the self-test of whoever configures it. Rejects with a SessionConfigError at `path`. */
export async function testEngine(driver: CryptoDriver, engine: string, path: string): Promise<void> {
  const faults = await faultsOf(driver);
  if (!faults.length) return;
  const message = `${JSON.stringify(engine)} computes wrong results: ${faults.join(', ')}; restart the process with another engine or none`;
  throw new SessionConfigError([{ path, message }]);
}

async function faultsOf(driver: CryptoDriver): Promise<string[]> {
  const available = CBC_CIPHERS.filter(({ name }) => driver.cbc?.ciphers.includes(name));
  const tests = [
    ...available.map((cipher) => cbcSelfTest(driver, cipher)),
    ...SUITES.map((suite) => selfTest(driver, suite)),
  ];
  const faults = await Promise.all(tests.map((test) => test.catch(() => undefined)));
  return [...new Set(faults.flatMap((fault) => fault ?? []))];
}
