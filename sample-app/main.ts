import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { address, createAdapter, tlsFiles } from './config/server.js';
import { setUp } from './set-up.js';

const tls = tlsFiles(process.env);
const app = await NestFactory.create(AppModule.forRoot(), createAdapter(process.env, tls), {
  httpsOptions: tls,
});
const { port, host } = address(process.env);
await setUp(app).enableShutdownHooks().listen(port, host);
new Logger('SampleApp').log(`listening on ${await app.getUrl()}`);
