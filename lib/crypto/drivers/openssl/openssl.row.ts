import { CBC_CIPHERS } from '../../cbc-ciphers.js';
import { SUITES } from '../../suites.js';
import type { DriverRow } from '../driver-row.interface.js';
import { OpensslDriver } from './openssl.driver.js';
import { isEngine, processEngine, testEngine } from './openssl-engine.js';

const ENGINE = 'crypto.driverParams.engine';

/** Fault of an engine beside the native format, whose AEAD ciphers an engine does not provide. */
const CBC_ONLY =
  'an engine acts on CBC, which only the Apache format uses (crypto.format: apache(…)); for the native format load an OpenSSL provider: ' +
  'OPENSSL_CONF names a file whose section nodejs_conf loads it';

/** Node's own OpenSSL, the default driver. */
export const OPENSSL: DriverRow = {
  name: 'openssl',
  ciphers: SUITES.map(({ cipher }) => cipher),
  cbcCiphers: CBC_CIPHERS.map(({ name }) => name),
  params: [
    {
      name: 'engine',
      kind: 'text',
      meaning: 'name of an OpenSSL engine, or the path of its .so; for the Apache format',
      missing: () => processEngine.missing(),
    },
  ],
  check: ({ engine }, form) =>
    form === 'native' && isEngine(engine) ? [{ param: 'engine', message: CBC_ONLY }] : [],
  // The engine is set before its test, since OpenSSL has no way to ask an engine that is not set.
  async open({ engine }) {
    const driver = new OpensslDriver();
    if (!isEngine(engine)) return driver;
    processEngine.use(engine, ENGINE);
    await testEngine(driver, engine, ENGINE);
    return driver;
  },
  missing: () => undefined,
};
