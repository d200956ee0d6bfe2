import { hostRank, isUnder, targetOf, type RequestTarget } from '../http/request-target.js';
import type { PlatformRequest } from '../http/connection.js';
import type { ResolvedContext, ResolvedOptions } from '../options/resolved-options.interface.js';
import type { ResolvedScope } from '../options/resolve-scope.js';

interface Context<E> {
  readonly place: ResolvedContext;
  readonly engine: E;
}

/** What an engine is here: options, and keys that it may share. */
interface WithOptions {
  readonly options: ResolvedOptions;
  sharesKeys(other: WithOptions): boolean;
}

/** Chooses the options of a request, by its host and path, before any cookie is read. */
export class SessionContexts<E extends WithOptions> {
  /** Whether the router takes `/A` for `/a`; said by the platform. */
  caseSensitive = true;
  private readonly list: Context<E>[] = [];
  private readonly everywhere: boolean;

  constructor(
    private readonly own: E,
    private readonly base: SessionContexts<E> | undefined,
  ) {
    const { enabled, include, exclude } = own.options.scope;
    this.everywhere = enabled && !include.length && !exclude.length;
  }

  add(place: ResolvedContext, engine: E): void {
    this.list.push({ place, engine });
  }

  /** The one engine whose options hold for a request: of the most exact host, then of the longest path, then of whole
   *  segments before a prefix; of the first, where a router that ignores case takes two paths for one. */
  engineFor(request: PlatformRequest): E {
    if (!this.list.length) return this.own;
    const target = targetOf(request);
    const ranked = this.list
      .map((context) => ({ context, rank: this.rank(context, target) }))
      .filter(({ rank }) => rank >= 0);
    const best = ranked.reduce((one, other) => (other.rank > one.rank ? other : one), ranked[0]!);
    return best?.context.engine ?? this.own;
  }

  /** Whether there are sessions where a request goes. */
  covers(request: PlatformRequest): boolean {
    if (this.everywhere) return true;
    const { scope } = this.own.options;
    return scope.enabled && this.isInScope(scope, targetOf(request).path);
  }

  /** The base engine and those of all contexts. */
  all(): E[] {
    return [this.own, ...this.list.map(({ engine }) => engine)];
  }

  /** One engine for each store. */
  withOwnStore(): E[] {
    return firsts(this.all(), (one, other) => one.options.store === other.options.store);
  }

  /** One engine for each set of keys. */
  withOwnKeys(): E[] {
    return firsts(this.all(), (one, other) => one.sharesKeys(other));
  }

  private rank({ place }: Context<E>, { host, path }: RequestTarget): number {
    const named = hostRank(place.host, host);
    if (named < 0 || path === undefined || !this.isUnder(place.path, path, place.match)) return -1;
    const exactness = 2 * place.path.length + (place.match === 'segments' ? 1 : 0);
    return named * MAX_EXACTNESS + Math.min(exactness, MAX_EXACTNESS - 1);
  }

  /** A path that does not normalise is nowhere named, so that it is outside of whatever is named. */
  private isInScope({ include, exclude, match }: ResolvedScope, path: string | undefined): boolean {
    if (path === undefined) return !include.length;
    const isNamed = (base: string) => this.isUnder(base, path, match);
    return (!include.length || include.some(isNamed)) && !exclude.some(isNamed);
  }

  private isUnder(base: string, path: string, match: ResolvedScope['match']): boolean {
    return isUnder(base, path, match, (this.base ?? this).caseSensitive);
  }
}

const MAX_EXACTNESS = 100_000;

/** Those that are not the same as one before them. */
const firsts = <E>(all: readonly E[], isSame: (one: E, other: E) => boolean): E[] =>
  all.filter((one, i) => !all.slice(0, i).some((other) => isSame(one, other)));
