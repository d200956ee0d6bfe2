import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { cleanUp } from './cleanup.js';

/** One client's connection and the server's connection that belongs to it. */
interface Link {
  readonly client: Socket;
  readonly server: Socket;
  /** Nothing passes any more, not even the end of the connection. */
  forgotten: boolean;
  /** Bytes that wait until the network works again. */
  readonly heldToServer: Buffer[];
  readonly heldToClient: Buffer[];
}

/** A network between a client and a server, which a test can break:
 *
 *  - {@link forget}: as a load balancer does that has forgotten its connections. Nothing passes any more, and nobody is told:
 *    no FIN and no RST. New connections work.
 *  - {@link stall} and {@link resume}: bytes wait, and arrive later, even if their sender has given up by then.
 *  - {@link cut}: both sides get a FIN. {@link reset}: both sides get a RST. */
export class TcpProxy {
  /** Connections that clients have made. */
  accepted = 0;
  private readonly links = new Set<Link>();
  private stalled = { toServer: false, toClient: false };

  private constructor(
    private readonly listener: Server,
    private target: { host: string; port: number },
  ) {
    listener.on('connection', (client) => this.link(client));
  }

  /** Starts a proxy to the server of a URL, on a free port unless one is given. It closes at the end of what runs now, see
   *  {@link cleanUp}. */
  static async to(url: string, listenAt = 0): Promise<TcpProxy> {
    const proxy = new TcpProxy(createServer({ allowHalfOpen: true }), placeOf(url));
    proxy.listener.listen(listenAt, '127.0.0.1');
    await once(proxy.listener, 'listening');
    cleanUp(() => proxy.close());
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** The connections that are open and not forgotten. */
  get connections(): number {
    return [...this.links].filter(({ forgotten }) => !forgotten).length;
  }

  /** The connections whose client has left, and whose server works on what was sent before. */
  get abandoned(): number {
    return [...this.links].filter(({ client, forgotten }) => !forgotten && client.destroyed).length;
  }

  /** Returns a URL with this proxy in place of its server. */
  urlOf(url: string): string {
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(this.port);
    return through.href;
  }

  /** From now on new connections lead to the server of another URL. */
  lead(url: string): void {
    this.target = placeOf(url);
  }

  forget(): void {
    for (const link of this.links) link.forgotten = true;
  }

  /** Holds bytes back, in both directions or in one. */
  stall(direction: 'both' | 'toServer' | 'toClient' = 'both'): void {
    this.stalled = { toServer: direction !== 'toClient', toClient: direction !== 'toServer' };
  }

  resume(): void {
    this.stalled = { toServer: false, toClient: false };
    for (const { client, server, heldToServer, heldToClient } of this.links) {
      for (const bytes of heldToServer.splice(0)) server.write(bytes);
      for (const bytes of heldToClient.splice(0)) if (!client.destroyed) client.write(bytes);
      if (client.destroyed) server.end();
    }
  }

  cut(): void {
    for (const { client, server } of this.links) {
      client.end();
      server.end();
    }
  }

  reset(): void {
    for (const { client, server } of this.links) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    for (const { client, server } of this.links) {
      client.destroy();
      server.destroy();
    }
    if (!this.listener.listening) return;
    this.listener.close();
    await once(this.listener, 'close');
  }

  private link(client: Socket): void {
    this.accepted++;
    const server = connect({ ...this.target, allowHalfOpen: true });
    const link: Link = { client, server, forgotten: false, heldToServer: [], heldToClient: [] };
    this.links.add(link);
    client.setNoDelay(true);
    server.setNoDelay(true);
    this.carry(link, client, server, link.heldToServer, 'toServer');
    this.carry(link, server, client, link.heldToClient, 'toClient');
    server.on('close', () => this.links.delete(link));
  }

  private carry(
    link: Link,
    from: Socket,
    to: Socket,
    held: Buffer[],
    direction: 'toServer' | 'toClient',
  ): void {
    from.on('data', (bytes: Buffer) => {
      if (link.forgotten) return;
      if (this.stalled[direction]) held.push(bytes);
      else if (!to.destroyed) to.write(bytes);
    });
    const over = () => {
      if (!link.forgotten && !this.stalled[direction] && !to.destroyed) to.end();
    };
    from.on('end', over);
    from.on('close', over);
    from.on('error', over);
  }
}

function placeOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
