import type { INestApplication } from '@nestjs/common';
import type { Server, ServerResponse } from 'node:http';

type Heads = ServerResponse & { _storeHeader(...args: unknown[]): unknown };

/** Calls this whenever the head of a response is built. Node builds every head, implicit or not, in `_storeHeader`. */
export function watchHeads(app: INestApplication, onHead: () => void): void {
  (app.getHttpServer() as Server).prependListener('request', (_request, response) => {
    const heads = response as Heads;
    const build = heads._storeHeader;
    heads._storeHeader = function (...args) {
      onHead();
      return build.apply(this, args);
    };
  });
}
