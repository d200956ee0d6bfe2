interface Server {
  readonly port: number;
  readonly url: string;
}
interface Pair {
  readonly primary: Server;
  readonly replica: Server;
  kill(): void;
  promote(): Promise<void>;
  follow(): Promise<void>;
  stop(): Promise<void>;
}
export function startPair(options: { readonly synchronous: boolean }): Promise<Pair>;
