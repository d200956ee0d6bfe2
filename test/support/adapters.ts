import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

export const ADAPTERS = { express: ExpressAdapter, fastify: FastifyAdapter } as const;
export type AdapterName = keyof typeof ADAPTERS;

/** Both platforms, as the table of a `describe.each`. */
export const ADAPTER_NAMES: readonly AdapterName[] = ['express', 'fastify'];

/** A new adapter, which believes the headers of a proxy if `trustProxy` is set. */
export function adapterOf(name: AdapterName, trustProxy = false): ExpressAdapter | FastifyAdapter {
  if (name === 'fastify') return new FastifyAdapter({ trustProxy });
  const adapter = new ExpressAdapter();
  if (trustProxy) adapter.set('trust proxy', true);
  return adapter;
}
