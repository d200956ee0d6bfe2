import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionConfigError } from 'nestjs-session-crypto';
import { AppModule } from './app.module.js';
import { appConfig } from './config/app.config.js';
import { StartupError } from './config/startup.error.js';
import { createAdapter } from './platform/create-adapter.js';
import { listen } from './platform/listen.js';
import { setUp } from './platform/set-up.js';

const logger = new Logger('SampleApp');

async function bootstrap(): Promise<void> {
  const config = appConfig();
  const app = await NestFactory.create(AppModule, createAdapter(config), {
    httpsOptions: config.tls,
    abortOnError: false,
  });
  await listen(setUp(app).enableShutdownHooks(), config);
  logger.log(`listening on ${await app.getUrl()}`);
}

/** Prints what the operator can mend without a stack. */
function fail(error: unknown): never {
  const known = error instanceof StartupError || error instanceof SessionConfigError;
  logger.error(known ? error.message : error);
  process.exit(1);
}

await bootstrap().catch(fail);
