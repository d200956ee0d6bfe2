/** Characters of a secret that are enough to find it by, wherever it was cut. */
const PIECE = 24;

/** The ways in which a text or its bytes may be written. */
function spellings(secret: string): string[] {
  const decoded = Buffer.from(secret, 'base64url');
  const texts = [Buffer.from(secret), ...(decoded.length >= 16 ? [decoded] : [])].flatMap((bytes) => [
    bytes.toString('hex'),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
  ]);
  return [secret, decodeURIComponent(secret), encodeURIComponent(secret), percentForm(secret), ...texts];
}

const percentForm = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** Pieces of a long spelling, so that a part that was cut out is found too. */
function pieces(spelling: string): string[] {
  const found: string[] = [];
  for (let at = 0; at + PIECE <= spelling.length; at += PIECE) found.push(spelling.slice(at, at + PIECE));
  return found.length ? found : [spelling];
}

/** The texts in which a secret stands: as it is or its bytes, in base64, hex or percent form, in either case, whole or a
 *  piece. */
export function findSecrets(heard: readonly string[], secrets: Iterable<string>): string[] {
  const lowered = heard.map((text) => ({ text, low: text.toLowerCase() }));
  const wanted = [...secrets].flatMap(spellings).flatMap(pieces);
  return lowered
    .filter(({ text, low }) =>
      wanted.some((piece) => text.includes(piece) || low.includes(piece.toLowerCase())),
    )
    .map(({ text }) => text);
}
