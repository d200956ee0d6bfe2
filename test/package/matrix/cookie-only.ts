// Sessions in the cookie, beside whatever else is installed.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionCryptoModule } from 'nestjs-session-crypto';

@Module({ imports: [SessionCryptoModule.forRoot({ crypto: { secrets: ['a passphrase for this test'] } })] })
class AppModule {}

void NestFactory.create(AppModule, { logger: ['error'], abortOnError: false }).then(async (app) => {
  await app.init();
  await app.close();
});
