import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { readFileSync } from 'node:fs';

export interface Tls {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** The files that TLS_KEY and TLS_CERT name, or `undefined` for plain http. */
export function tlsFiles({ TLS_KEY, TLS_CERT }: NodeJS.ProcessEnv): Tls | undefined {
  return TLS_KEY && TLS_CERT ? { key: readFileSync(TLS_KEY), cert: readFileSync(TLS_CERT) } : undefined;
}

/** The platform that ADAPTER names. Fastify makes its server at once, so it has to know of TLS here. */
export function createAdapter({ ADAPTER = 'express' }: NodeJS.ProcessEnv, tls?: Tls): AbstractHttpAdapter {
  if (ADAPTER === 'express') return new ExpressAdapter();
  if (ADAPTER === 'fastify') return new FastifyAdapter(tls ? { https: tls } : {});
  throw new Error(`ADAPTER: "${ADAPTER}" is unknown; it is express or fastify`);
}

/** Where to listen: on this machine only, unless HOST says more. */
export function address({ PORT = '3000', HOST = '127.0.0.1' }: NodeJS.ProcessEnv): {
  port: number;
  host: string;
} {
  return { port: Number(PORT), host: HOST };
}
