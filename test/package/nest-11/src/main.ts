import 'reflect-metadata';
import * as assert from 'node:assert/strict';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule } from './app.module';

/** Logs in, and gives what the cart of the visitor is. */
async function visit(adapter: ExpressAdapter | FastifyAdapter): Promise<unknown> {
  const app = await NestFactory.create(AppModule, adapter, { logger: ['error'] });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const login = await fetch(`${url}/login`, { method: 'POST' });
  const cookie = login.headers.getSetCookie()[0]!.split(';')[0]!;
  const cart = await (await fetch(`${url}/cart`, { headers: { cookie } })).json();
  for (const path of ['live', 'ready']) assert.equal((await fetch(`${url}/health/${path}`)).status, 200);
  await app.close();
  return cart;
}

async function main(): Promise<void> {
  const expected = { subject: 'ada', cart: ['tea'], same: true };
  assert.deepEqual(await visit(new ExpressAdapter()), expected);
  assert.deepEqual(await visit(new FastifyAdapter()), expected);
}

void main();
