import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { AppConfig } from '../config/app.config.js';

/** The platform that ADAPTER names. Fastify makes its server in the constructor, so it learns of TLS here. */
export function createAdapter({ adapter, tls }: AppConfig): AbstractHttpAdapter {
  if (adapter === 'express') return new ExpressAdapter();
  return new FastifyAdapter(tls ? { https: tls } : {});
}
