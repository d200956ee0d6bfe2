/** The part of a socket that is used here. */
export interface HandshakeSocket {
  once(event: 'close', listener: () => void): unknown;
}

/** The response to a handshake that nobody upgrades: a route answers it like any other request. Whether one comes is unknown before
 *  the socket closes, because the upgrade goes past the response. */
export class HandshakeAnswer {
  private awaited: Promise<void> | undefined;
  private resolve: (() => void) | undefined;

  constructor(socket: HandshakeSocket) {
    this.awaited = new Promise((resolve) => (this.resolve = resolve));
    socket.once('close', () => this.end());
  }

  /** Resolves when the response has left, or the socket is closed; `undefined` afterwards. */
  get pending(): Promise<void> | undefined {
    return this.awaited;
  }

  /** The response has left. */
  end(): void {
    this.awaited = undefined;
    this.resolve?.();
  }
}
