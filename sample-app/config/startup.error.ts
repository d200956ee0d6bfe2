/** An error that the operator can mend. Its message says how, so `main.ts` prints no stack with it. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}
