// A TCP proxy before PostgreSQL that can do what networks do: cut, reset, stall, refuse, and go silent.
import { connect, createServer } from 'node:net';

/** Listens on a free port of loopback and forwards to `target`. */
export async function startProxy(target) {
  const proxy = new Proxy(target);
  await proxy.listen();
  return proxy;
}

class Proxy {
  #target;
  #server;
  #pairs = new Set();
  #stalled = false;
  /** The next statement of a name, and what happens to its connection. */
  #ambush;

  constructor(target) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  get port() {
    return this.#port;
  }
  #port = 0;

  async listen() {
    await new Promise((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = this.#server.address().port;
  }

  /** Ends all connections in the ordinary way (FIN). */
  cut() {
    for (const pair of this.#pairs) pair.cut();
  }

  /** Ends all connections with RST. */
  reset() {
    for (const pair of this.#pairs) pair.reset();
  }

  /** Forgets all connections that there are: they stay open, and nothing passes, ever. New connections work. */
  forget() {
    for (const pair of this.#pairs) pair.forget();
  }

  /** From now on no answer passes on the connections that there are; what clients send still reaches the server. */
  muteAnswers() {
    for (const pair of this.#pairs) pair.muteAnswers();
  }

  /** Keeps all bytes, in both directions and on new connections too, until {@link flow}. */
  stall() {
    this.#stalled = true;
    for (const pair of this.#pairs) pair.stall();
  }

  /** Lets everything pass that a stall has kept. */
  flow() {
    this.#stalled = false;
    for (const pair of this.#pairs) pair.flow();
  }

  /** Refuses new connections and cuts those that there are. */
  async refuse() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.reset();
    await closed;
  }

  /** Waits for the next statement named `name`, then calls `act` with its connection, before the statement is
   *  sent to the server or just after it. */
  ambush(name, when, act) {
    this.#ambush = { pattern: new RegExp(`_${name}\\w*\\0`), when, act };
  }

  /** Takes the ambush away if it still waits. Returns whether it did. */
  disarm() {
    const waited = this.#ambush !== undefined;
    this.#ambush = undefined;
    return waited;
  }

  close() {
    this.reset();
    this.#server.close();
  }

  /** Takes the ambush that these bytes run into. */
  spring(bytes) {
    if (!this.#ambush?.pattern.test(bytes.toString('latin1'))) return;
    const sprung = this.#ambush;
    this.#ambush = undefined;
    return sprung;
  }

  #accept(client) {
    const pair = new Pair(client, connect(this.#target, '127.0.0.1'), this);
    this.#pairs.add(pair);
    if (this.#stalled) pair.stall();
    pair.onClosed = () => this.#pairs.delete(pair);
  }
}

/** A client's connection and ours to the server. */
class Pair {
  #client;
  #server;
  #forgotten = false;
  #muted = false;
  onClosed = () => {};

  constructor(client, server, proxy) {
    this.#client = client.setNoDelay(true);
    this.#server = server.setNoDelay(true);
    client.on('data', (bytes) => this.#fromClient(bytes, proxy));
    server.on('data', (bytes) => this.#muted || this.#client.write(bytes));
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ]) {
      socket.on('error', () => {});
      socket.on('end', () => this.#forgotten || other.end());
      socket.on('close', (hasFailed) => this.#closed(other, hasFailed));
    }
  }

  #fromClient(bytes, proxy) {
    const sprung = proxy.spring(bytes);
    if (sprung?.when === 'before') sprung.act(this);
    if (this.#client.isPaused()) return this.#client.unshift(bytes); // it passes when the stall is over
    if (!this.#forgotten && !this.#server.destroyed) this.#server.write(bytes);
    if (sprung?.when === 'after') sprung.act(this);
  }

  cut() {
    this.#muted = true;
    this.#client.end();
    this.#server.end();
  }

  reset() {
    this.#muted = true;
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  /** Sends nothing of the server's answer to the client, and cuts once the server has given it. So the statement has run. */
  cutAtAnswer() {
    this.#muted = true;
    this.#server.once('data', () => this.cut());
  }

  forget() {
    this.#forgotten = this.#muted = true;
  }

  muteAnswers() {
    this.#muted = true;
  }

  stall() {
    this.#client.pause();
    this.#server.pause();
  }

  flow() {
    this.#client.resume();
    this.#server.resume();
  }

  /** One side is closed: the other side hears of it, unless the connection is forgotten. */
  #closed(other, hasFailed) {
    if (!this.#forgotten && hasFailed) other.destroy();
    if (!this.#forgotten && !hasFailed) other.end();
    if (this.#forgotten && this.#client.destroyed) this.#server.destroy();
    if (this.#client.destroyed && this.#server.destroyed) this.onClosed();
  }
}
