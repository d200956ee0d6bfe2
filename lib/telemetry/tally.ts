import type { Attributes } from '@opentelemetry/api';
import { ATTRIBUTES } from './metric-names.js';

/** One number of a metric, for one combination of attributes. */
export class Cell {
  private current = 0;

  constructor(readonly attributes: Attributes) {}

  get value(): number {
    return this.current;
  }

  add(value = 1): void {
    this.current += value;
  }

  set(value: number): void {
    this.current = value;
  }
}

/** The numbers of one metric, by attributes. OpenTelemetry reads them when it collects: its own counter makes a text of the
 *  attributes at each call, which costs more than what is counted here. */
export class Tally {
  private readonly cells = new Map<string, Cell>();

  /** `limit`: combinations that are kept apart. More are counted together, as OpenTelemetry itself does it. */
  constructor(private readonly limit = 500) {}

  /** Returns the number for these attributes. */
  of(attributes: Attributes): Cell {
    return this.cellOf(JSON.stringify(Object.entries(attributes)), attributes);
  }

  read(observe: (value: number, attributes: Attributes) => void): void {
    for (const { value, attributes } of this.cells.values()) observe(value, attributes);
  }

  private cellOf(name: string, attributes: Attributes): Cell {
    const known = this.cells.get(name);
    if (known) return known;
    if (this.cells.size >= this.limit && name !== REST) return this.cellOf(REST, OVERFLOW);
    const made = new Cell(attributes);
    this.cells.set(name, made);
    return made;
  }
}

const REST = 'rest';
const OVERFLOW: Attributes = { [ATTRIBUTES.overflow]: true };
