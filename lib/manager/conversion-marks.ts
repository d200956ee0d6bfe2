import { decodeBase64url, encodeBase64url } from '../envelope/base64url.js';
import { NO_ROW, type EnvelopeContext } from '../envelope/envelope-context.js';
import type { Envelope } from '../envelope/envelope.js';
import type { ConversionSource } from './conversion-source.js';

/** Seals places in the other store, which can be ids: whoever sees a mark learns nothing. A mark is one of its source only. */
export class ConversionMarks {
  constructor(
    private readonly envelope: Envelope,
    private readonly context: EnvelopeContext,
    private readonly source: ConversionSource,
  ) {}

  async seal(place: string): Promise<string> {
    const bound = Buffer.from(this.source.bind(place));
    return encodeBase64url(await this.envelope.seal(bound, this.context, NO_ROW));
  }

  /** Returns the place that a mark means; `undefined` for what is no mark of this source. */
  async open(mark: string): Promise<string | undefined> {
    const sealed = decodeBase64url(mark);
    const opened = sealed && (await this.envelope.open(sealed, this.context, NO_ROW));
    return typeof opened === 'object' ? this.source.placeIn(opened.plaintext.toString()) : undefined;
  }
}
