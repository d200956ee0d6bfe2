import { decodeBase64url, encodeBase64url } from '../envelope/base64url.js';
import { ENVELOPE_OVERHEAD, type Envelope } from '../envelope/envelope.js';
import { NO_ROW, type EnvelopeContext } from '../envelope/envelope-context.js';
import type { SealingHooks } from '../request/request-hooks.js';
import { decodeToken, encodeToken, TOKEN_LENGTH, type RememberToken } from './remember-token.js';
import { decodeSeries, encodeSeries, type Series } from './series.js';

/** Characters of a sealed token in base64url. */
const TEXT_LENGTH = Math.ceil(((TOKEN_LENGTH + ENVELOPE_OVERHEAD) * 4) / 3);

/** Seals and opens tokens and series with the keys of a session's options. A forged token is refused here, without a query.
 *  Somebody who can write into the table still cannot make a series that opens. */
export class RememberSeals {
  private readonly envelope: Envelope;
  private readonly tokenContext: EnvelopeContext;
  private readonly seriesContext: EnvelopeContext;

  constructor(sealing: SealingHooks, { kind, name }: { readonly kind: string; readonly name: string }) {
    this.envelope = sealing.envelope!; // the module has checked at start that there is one
    this.tokenContext = sealing.envelopeContext('remember-token', kind, name);
    this.seriesContext = sealing.envelopeContext('remember-series', kind, name);
  }

  /** False while there is no key: then nobody can say whose a token is. */
  get hasKeys(): boolean {
    return this.envelope.hasKeys;
  }

  /** Returns the cookie's value: the sealed token in base64url, 167 characters. */
  async sealToken(token: RememberToken): Promise<string> {
    const bytes = encodeToken(token);
    const sealed = await this.envelope.seal(bytes, this.tokenContext, NO_ROW);
    bytes.fill(0);
    return encodeBase64url(sealed);
  }

  /** Opens a cookie's value. Returns `undefined` if we did not make it. The token is authentic, but it may have been used. */
  async openToken(text: string): Promise<RememberToken | undefined> {
    const sealed = text.length === TEXT_LENGTH ? decodeBase64url(text) : undefined;
    const opened = sealed && (await this.envelope.open(sealed, this.tokenContext, NO_ROW));
    if (!opened || typeof opened === 'string') return undefined;
    const token = decodeToken(opened.plaintext);
    opened.plaintext.fill(0);
    return token;
  }

  /** Seals a series for the row with this key. */
  async sealSeries(key: Buffer, series: Series): Promise<Buffer> {
    return this.envelope.seal(encodeSeries(series), this.seriesContext, key);
  }

  /** Opens a row's series. Returns `undefined` if it was not sealed for this row. */
  async openSeries({ key, sealed }: { key: Buffer; sealed: Buffer }): Promise<Series | undefined> {
    const opened = await this.envelope.open(sealed, this.seriesContext, key);
    return typeof opened === 'string' ? undefined : decodeSeries(opened.plaintext);
  }
}
