import { decodeBase64url, encodeBase64url } from '../envelope/base64url.js';
import { ENVELOPE_OVERHEAD, type Envelope } from '../envelope/envelope.js';
import { NO_ROW, type EnvelopeContext } from '../envelope/envelope-context.js';
import type { SealingHooks } from '../request/request-hooks.js';
import { decodeToken, encodeToken, TOKEN_LENGTH, type RememberToken } from './remember-token.js';
import { decodeSeries, encodeSeries, type Series } from './series.js';

/** Characters of a sealed token. */
const TEXT_LENGTH = Math.ceil(((TOKEN_LENGTH + ENVELOPE_OVERHEAD) * 4) / 3);

/** Seals tokens and series with the keys of a session's options. A token that we did not make dies here, without a
 *  query; and nobody who writes into the table can make a series. */
export class RememberSeals {
  private readonly envelope: Envelope;
  private readonly ofTokens: EnvelopeContext;
  private readonly ofSeries: EnvelopeContext;

  constructor(sealing: SealingHooks, { kind, name }: { readonly kind: string; readonly name: string }) {
    this.envelope = sealing.envelope!; // the module has checked that there is one
    this.ofTokens = sealing.envelopeContext('remember-token', kind, name);
    this.ofSeries = sealing.envelopeContext('remember-series', kind, name);
  }

  /** What stands in the cookie: base64url of the sealed token, 167 characters. */
  async sealToken(token: RememberToken): Promise<string> {
    const bytes = encodeToken(token);
    const sealed = await this.envelope.seal(bytes, this.ofTokens, NO_ROW);
    bytes.fill(0);
    return encodeBase64url(sealed);
  }

  /** A token that we made, which may be used up; else `undefined`. */
  async openToken(text: string): Promise<RememberToken | undefined> {
    const sealed = text.length === TEXT_LENGTH ? decodeBase64url(text) : undefined;
    const opened = sealed && (await this.envelope.open(sealed, this.ofTokens, NO_ROW));
    if (!opened || typeof opened === 'string') return undefined;
    const token = decodeToken(opened.plaintext);
    opened.plaintext.fill(0);
    return token;
  }

  async sealSeries(key: Buffer, series: Series): Promise<Buffer> {
    return this.envelope.seal(encodeSeries(series), this.ofSeries, key);
  }

  async openSeries({ key, sealed }: { key: Buffer; sealed: Buffer }): Promise<Series | undefined> {
    const opened = await this.envelope.open(sealed, this.ofSeries, key);
    return typeof opened === 'string' ? undefined : decodeSeries(opened.plaintext);
  }
}
