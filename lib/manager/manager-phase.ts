/** What an application is doing: it opens its stores, serves, or shuts down. */
export type ManagerPhase = 'starting' | 'running' | 'closing';
