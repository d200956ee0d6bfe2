import { describe, expect, it } from 'vitest';
import { evaluate, hide } from './support.js';

/** What needs which package: the path that the error names, the package, and the options of a module that needs it, with
 *  further modules beside it. */
const FEATURES: readonly [feature: string, path: string, name: string, options: string][] = [
  [
    'sessions of iron-session',
    'crypto.accept[0]',
    'iron-webcrypto',
    `crypto: { secrets, accept: [fromIronSession({ password: 'x'.repeat(32), cookie: { name: 'iron' }, until })] }`,
  ],
  [
    'sessions of @fastify/secure-session',
    'crypto.accept[0]',
    'sodium-native',
    `crypto: { secrets, accept: [fromSecureSession({ key: Buffer.alloc(32, 1), until })] }`,
  ],
  [
    'ids in pages',
    'id.transSid',
    'parse5-sax-parser',
    `id: { sources: ['cookie', 'query'], transSid: true }`,
  ],
  [
    'the driver pkcs11',
    'crypto.driver',
    'koffi',
    `crypto: { secrets, driver: 'pkcs11', driverParams: { library: '/none.so', label: 'x' } }`,
  ],
  ['the driver nss', 'crypto.driver', 'koffi', `crypto: { secrets, driver: 'nss' }`],
  [
    'telemetry',
    'SessionTelemetryModule',
    '@opentelemetry/api',
    `imports: [SessionTelemetryModule.forRoot()]`,
  ],
];

/** A process in which no optional package can be found, as in an application that has installed none. */
const messages = evaluate<Record<string, string>>(`
  ${hide([...new Set(FEATURES.map(([, , name]) => name))])}
  import 'reflect-metadata';
  const { NestFactory } = await import('@nestjs/core');
  const { memoryStore, SessionCryptoModule } = await import('nestjs-session-crypto');
  const { fromIronSession, fromSecureSession } = await import('nestjs-session-crypto/migrate');
  const { SessionTelemetryModule } = await import('nestjs-session-crypto/telemetry');
  const secrets = ['hex:' + '11'.repeat(32)];
  const until = new Date(Date.now() + 3_600_000);
  const store = memoryStore({ allowInProduction: true });
  const start = ({ imports = [], ...options }) => {
    class AppModule {}
    const sessions = SessionCryptoModule.forRoot({ crypto: { secrets }, store, ...options });
    const module = { module: AppModule, imports: [sessions, ...imports] };
    return NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  };
  const messages = {};
  const attempt = async (feature, options) => {
    try {
      await start(options());
      messages[feature] = 'started';
    } catch (error) {
      messages[feature] = error.message;
    }
  };
  ${FEATURES.map(([feature, , , options]) => `await attempt(${JSON.stringify(feature)}, () => ({ ${options} }));`).join('\n  ')}
  console.log(JSON.stringify(messages));
  process.exit();
`);

describe('an optional package that is missing', () => {
  it.each(FEATURES)('stops a start with %s, at %s, and the line that installs %s', (feature, path, name) => {
    expect(messages[feature]).toContain(path);
    expect(messages[feature]).toContain(`needs the package ${name}: npm install ${name}`);
  });
});
