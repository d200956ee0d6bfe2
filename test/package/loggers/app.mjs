// An application that logs one line of every kind of logger: `node app.mjs LOGGER`. It refuses a cookie of a key that is not there.
import 'reflect-metadata';
import { ConsoleLogger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { cookieStore, SessionCryptoModule, SessionService } from 'nestjs-session-crypto';

const [, , which] = process.argv;

/** A package of ES modules, or of CommonJS. */
async function load(name) {
  const loaded = await import(name);
  return loaded.default ?? loaded;
}

const sessions = SessionCryptoModule.forRoot({
  crypto: { secrets: [`hex:${'11'.repeat(32)}`] },
  store: cookieStore({ acceptReplay: true }),
  cookie: { secure: false, name: 'sid' },
});

async function optionsOf(imports) {
  if (which === 'text') return { logger: new ConsoleLogger({ colors: false }) };
  if (which === 'json') return { logger: new ConsoleLogger({ json: true }) };
  if (which === 'winston') {
    const { WinstonModule } = await load('nest-winston');
    const { default: winston } = await import('winston');
    const transports = [new winston.transports.Console({ level: 'debug' })];
    return { logger: WinstonModule.createLogger({ transports }) };
  }
  const { LoggerModule } = await load('nestjs-pino');
  imports.push(LoggerModule.forRoot({ pinoHttp: { level: 'debug' } }));
  return { bufferLogs: which === 'pino-buffered', logger: which === 'pino-buffered' ? undefined : false };
}

const imports = [sessions];
const options = await optionsOf(imports);
class AppModule {}
Module({ imports })(AppModule);
const app = await NestFactory.create(AppModule, options);
if (which.startsWith('pino')) {
  const { Logger } = await load('nestjs-pino');
  app.useLogger(app.get(Logger));
}
app.use('/session', (request, response, next) => {
  app
    .get(SessionService)
    .open(request)
    .then((session) => response.end(String(session.isNew)), next);
});
await app.listen(0, '127.0.0.1');
const envelope = Buffer.concat([Buffer.from('1131b74615', 'hex'), Buffer.alloc(120, 7)]);
const cookie = `sid=${envelope.toString('base64url')}`;
await fetch(`${await app.getUrl()}/session`, { headers: { cookie } });
await app.close();
