export interface Server {
  readonly port: number;
  readonly url: string;
  start(): Promise<void>;
  kill(): void;
  restart(): Promise<void>;
  freeze(): void;
  thaw(): void;
  version(): Promise<string>;
  discard(): void;
  stop(): Promise<void>;
}
export function startServer(): Promise<Server>;
export function ask(url: string, text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
