import type { JsonValue } from './session-data.interface.js';

/** What a login came from, in the words of a list that its user reads. */
export interface Device {
  /** The name of the browser, such as `Firefox`. */
  readonly browser: string | undefined;
  /** The name of the system, such as `Windows`. */
  readonly system: string | undefined;
  /** The network of the address, such as `192.0.2.0/24`. */
  readonly network: string | undefined;
}

/** Returns a device as the sealed record has it: [browser, system, network], '' for what is not known; `undefined` if nothing
 *  is known. */
export function encodeDevice(device: Device | undefined): readonly string[] | undefined {
  if (!device) return undefined;
  const { browser = '', system = '', network = '' } = device;
  return browser || system || network ? [browser, system, network] : undefined;
}

/** Reads what {@link encodeDevice} made. Anything else counts as not known. */
export function decodeDevice(value: JsonValue | undefined): Device | undefined {
  if (!Array.isArray(value)) return undefined;
  const [browser, system, network] = (value as readonly JsonValue[]).map((one) =>
    typeof one === 'string' && one ? one : undefined,
  );
  return { browser, system, network };
}
