import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** The first bytes of every PNG (https://www.w3.org/TR/png-3/, section 5.2). */
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const COLOURS = 256;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** One number for each pixel: red, green and blue, eight bits each. */
  readonly colours: Uint32Array;
}

/** Writes an opaque PNG of eight bits for each channel anew with a palette of 256 colours, which is a third of its size. */
export function withPalette(png: Buffer): Buffer {
  const { width, height, colours } = decode(png);
  const palette = paletteOf(colours);
  const indexOf = new Map<number, number>();
  const rows = Buffer.alloc((width + 1) * height);
  for (let i = 0; i < colours.length; i++) {
    const colour = colours[i]!;
    if (!indexOf.has(colour)) indexOf.set(colour, nearest(palette, colour));
    rows[i + Math.floor(i / width) + 1] = indexOf.get(colour)!;
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8); // eight bits, palette
  const entries = Buffer.from(palette.flatMap(channels));
  const data = deflateSync(rows, { level: 9, memLevel: 9 });
  const chunks = [chunk('IHDR', head), chunk('PLTE', entries), chunk('IDAT', data), chunk('IEND')];
  return Buffer.concat([SIGNATURE, ...chunks]);
}

const channels = (colour: number): number[] => [colour >> 16, (colour >> 8) & 0xff, colour & 0xff];

function chunk(type: string, data = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function decode(png: Buffer): Pixels {
  const parts: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const [width, height, depth, kind] = [png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]];
  const size = kind === 6 ? 4 : 3;
  if (depth !== 8 || (kind !== 2 && kind !== 6)) throw new Error(`a PNG of kind ${kind} with ${depth} bits`);
  const rows = inflateSync(Buffer.concat(parts));
  unfilter(rows, width * size, height, size);
  const colours = new Uint32Array(width * height);
  for (let i = 0; i < colours.length; i++)
    colours[i] = rows.readUIntBE(Math.floor(i / width) * (width * size + 1) + 1 + (i % width) * size, 3);
  return { width, height, colours };
}

/** Takes the filters of all rows back, in place (section 9.2). */
function unfilter(rows: Buffer, length: number, height: number, size: number): void {
  for (let y = 0; y < height; y++) {
    const start = y * (length + 1);
    const filter = rows[start]!;
    for (let x = 0; x < length; x++) {
      const at = start + 1 + x;
      const left = x < size ? 0 : rows[at - size]!;
      const above = y ? rows[at - length - 1]! : 0;
      const corner = y && x >= size ? rows[at - length - 1 - size]! : 0;
      rows[at] = rows[at]! + [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter]!;
    }
  }
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

interface Counted {
  readonly colour: number;
  readonly count: number;
}

/** Median cut: halves the box with the widest channel until there are as many boxes as colours. */
function paletteOf(colours: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const boxes: Counted[][] = [[...counts].map(([colour, count]) => ({ colour, count }))];
  while (boxes.length < COLOURS) {
    const widest = boxes.reduce((best, box, i) => (weightOf(box) > weightOf(boxes[best]!) ? i : best), 0);
    if (boxes[widest]!.length < 2) break;
    boxes.splice(widest, 1, ...halves(boxes[widest]!));
  }
  return boxes.map(leadingOf);
}

const spreads = (box: readonly Counted[]): number[] =>
  [0, 1, 2].map((channel) => {
    const values = box.map(({ colour }) => channels(colour)[channel]!);
    return values.reduce((a, b) => Math.max(a, b), 0) - values.reduce((a, b) => Math.min(a, b), 255);
  });

const weights = new WeakMap<readonly Counted[], number>();

/** The widest channel, and a little more for what there is much of. */
function weightOf(box: readonly Counted[]): number {
  const known = weights.get(box);
  if (known !== undefined) return known;
  const count = box.reduce((sum, one) => sum + one.count, 0);
  const weight = box.length < 2 ? 0 : Math.max(...spreads(box)) * Math.log2(count + 1);
  weights.set(box, weight);
  return weight;
}

function halves(box: readonly Counted[]): [Counted[], Counted[]] {
  const all = spreads(box);
  const channel = all.indexOf(Math.max(...all));
  const sorted = box.toSorted((a, b) => channels(a.colour)[channel]! - channels(b.colour)[channel]!);
  const middle = sorted.length >> 1;
  return [sorted.slice(0, middle), sorted.slice(middle)];
}

/** The most frequent colour of a box, so that large areas keep theirs exactly. */
const leadingOf = (box: readonly Counted[]): number =>
  box.reduce((best, one) => (one.count > best.count ? one : best)).colour;

function nearest(palette: readonly number[], colour: number): number {
  const [r, g, b] = channels(colour) as [number, number, number];
  let best = 0;
  let least = Infinity;
  palette.forEach((entry, i) => {
    const distance = (r - (entry >> 16)) ** 2 + (g - ((entry >> 8) & 0xff)) ** 2 + (b - (entry & 0xff)) ** 2;
    if (distance < least) [best, least] = [i, distance];
  });
  return best;
}
