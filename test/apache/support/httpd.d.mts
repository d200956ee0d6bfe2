export interface HttpdOptions {
  /** Names without `mod_`, besides mpm_event, alias, authz_core, session, session_cookie and session_crypto. */
  readonly modules?: readonly string[];
  /** Directives for the one server there is; `${ROOT}` is its folder, where relative paths begin, and `${PORT}` its port. */
  readonly config: string;
  /** Path below the folder and text; what begins with `#!` may be executed. `htdocs/` is served. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A running httpd. */
export interface Httpd {
  readonly port: number;
  /** Without a final slash. */
  readonly url: string;
  /** ServerRoot: a temporary folder. */
  readonly root: string;
  /** The parent process; its children serve. */
  readonly pid: number;
  /** Restarts gracefully, with other directives if some are given, and waits until those who served before are gone. */
  reload(config?: string): Promise<void>;
  /** What httpd has logged so far. */
  errorLog(): string;
  /** Waits until the process is gone and removes its folder. */
  stop(): Promise<void>;
}

export declare const PACKAGES: string;
export declare function findHttpd(): { readonly program: string; readonly modules: string } | undefined;
/** Rejects with httpd's own words when it refuses the configuration. */
export declare function startHttpd(options: HttpdOptions): Promise<Httpd>;
/** The processes that serve for httpd's parent process. */
export declare function childrenOf(pid: number): number[];
export declare function freePort(): Promise<number>;
