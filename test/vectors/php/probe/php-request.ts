import type { IncomingMessage, ServerResponse } from 'node:http';
import { SessionStateError } from 'nestjs-session-crypto';
import { readPhpIni } from 'nestjs-session-crypto/php';
import type { Rule } from '../php-session.js';
import { NO_SUCH_CALL, NOTHING_IS_LOST, OPTIONS_ARE_FIXED } from './differences.js';
import { PhpException, plainOf, varsOf, type PhpVars, type PhpWorld } from './php-probe.js';
import { isOn } from './faulty-settings.js';
import { NotUnderstood } from './php-tokens.js';
import type { Answer, ProbeApp, ProbeSession, Question, Settings } from './probe-app.js';

/** The variable that makes a session non-empty: PHP's start stores an empty session, and this package does not. */
export const BEGUN = 'begun';

/** A function of PHP, implemented with this package. */
export type PhpFunction = (this: PhpRequest, given: unknown[]) => unknown;
export type PhpFunctions = Readonly<Record<string, PhpFunction>>;

/** A request in which the PHP code of a case runs. Session functions call the session of this package, and settings are
 *  options of an application. {@link rules} collects the rules for everything else. */
export class PhpRequest implements PhpWorld {
  readonly variables = new Map<string, unknown>([['r', new Map()], ['_SESSION', new Map()]]);
  readonly rules = new Set<Rule>();
  /** The settings of the case, and those that its code has set before the start. */
  settings: Settings;
  destroyed = false;
  private status: 'none' | 'active' = 'none';
  private response: ServerResponse | undefined;
  private request: IncomingMessage | undefined;
  private session: ProbeSession | undefined;
  private app: ProbeApp | undefined;
  private answer: Promise<Answer> | undefined;
  /** Lets the request continue, if there is one. */
  leave = () => {};

  constructor(
    settings: Settings,
    private readonly questionFor: (app: ProbeApp) => Promise<Question> | Question,
    private readonly start: (settings: Settings) => Promise<ProbeApp>,
    private readonly functions: PhpFunctions,
    /** The id that the request brings. */
    readonly given: string,
  ) {
    this.settings = settings;
    this.variables.set('D', settings['session.save_path'] ?? '{SAVE_PATH}');
    this.variables.set('F', given);
    this.variables.set('age', () => this.call('age', []));
  }


  call(name: string, given: unknown[]): unknown {
    const call = this.functions[name];
    if (!call) throw new NotUnderstood(`${name}()`);
    return call.call(this, given);
  }

  constant(name: string): unknown {
    if (name.startsWith('LOCK_')) return 0;
    if (name === 'SID') return this.needless('');
    throw new NotUnderstood(`the constant ${name}`);
  }

  /** Ends the script as PHP does, and closes an open session. */
  async finish(): Promise<Answer> {
    if (this.status === 'active') await this.close();
    await this.open();
    this.leave();
    return this.answer!;
  }

  /** Notes the rule for a call about a state that a session of this package does not have. */
  needless<T>(answer: T, rule: Rule = NO_SUCH_CALL): T {
    this.rules.add(rule);
    return answer;
  }

  get vars(): PhpVars {
    return this.variables.get('_SESSION') as PhpVars;
  }

  /** True if the application has started, so that its options are fixed. */
  get isOpen(): boolean {
    return this.app !== undefined;
  }

  get isActive(): boolean {
    return this.status === 'active';
  }

  /** Returns the open session, for calls that need one. */
  get live(): ProbeSession {
    return this.session!;
  }

  get place(): ProbeApp {
    return this.app!;
  }

  setting(name: string): string | undefined {
    return this.settings[name];
  }

  /** Changes a setting at run time, before the start. Returns whether the reader of settings accepts it. */
  change(name: string, value: unknown): boolean {
    if (this.isActive) return false; // as in PHP: frozen options
    if (this.app) return this.needless(false, OPTIONS_ARE_FIXED);
    const changed = { ...this.settings, [name]: value === true ? '1' : value === false ? '' : String(value) };
    try {
      readPhpIni({ [name]: changed[name] }, {});
    } catch {
      return false;
    }
    this.settings = changed;
    return true;
  }

  async begin(given: unknown): Promise<boolean> {
    const options = given instanceof Map ? (given as PhpVars) : new Map<string, unknown>();
    if (this.isActive) return this.needless(true);
    for (const [name, value] of options) this.startOption(String(name), value);
    await this.open();
    this.session = await this.app!.sessionOf(this.request!);
    if (!(await this.mark())) return false;
    this.variables.set('_SESSION', this.stored());
    this.status = 'active';
    if (Number(options.get('read_and_close') ?? 0) > 0) this.status = 'none';
    return true;
  }

  /** Starts the session before the script. The platform's request then has it for Nest's own decorator. */
  async beginByItself(): Promise<void> {
    if (!isOn(this.setting('session.auto_start'))) return;
    await this.begin(undefined);
    if (!('session' in this.request!)) throw new Error('no session was loaded before the handler');
  }

  private startOption(name: string, value: unknown): void {
    if (name === 'read_and_close') return;
    if (value instanceof Map) {
      this.needless(undefined);
      throw new PhpException(
        `TypeError: session_start(): Option "${name}" must be of type string|int|bool, array given`,
      );
    }
    if (!this.change(`session.${name}`, value)) this.needless(false);
  }

  /** Begins a session by a first value, because PHP's start stores a new session at once and this package does not. */
  private async mark(): Promise<boolean> {
    if (!this.session!.isNew) return true;
    try {
      this.session!.set(BEGUN, true);
      if (!this.response!.headersSent) await this.session!.save();
      return true;
    } catch (error) {
      if (error instanceof SessionStateError) return false;
      throw error;
    }
  }

  private stored(): PhpVars {
    const { [BEGUN]: _begun, ...data } = this.session!.all();
    return varsOf(data) as PhpVars;
  }

  /** Saves the variables of the script. */
  async close(): Promise<boolean> {
    if (!this.isActive) return this.needless(false);
    this.status = 'none';
    if (!(this.vars instanceof Map)) return this.needless(true);
    try {
      this.write();
      await this.session!.save();
    } catch (error) {
      if (!(error instanceof SessionStateError)) throw error;
      this.rules.add(NOTHING_IS_LOST); // the developer's error, where PHP says nothing
    }
    return true;
  }

  /** Repeats the script's changes of its variables on the session. */
  write(): void {
    const session = this.session!;
    const vars = this.vars;
    const [before, after] = [[...this.stored().keys()], [...vars.keys()]];
    const isReordered = after.some((key, i) => before.includes(key) && before.filter((one) => vars.has(one))[i] !== key);
    if (isReordered) for (const key of before) session.delete(String(key));
    for (const key of Object.keys(session.all())) if (key !== BEGUN && !vars.has(key)) session.delete(key);
    for (const [key, value] of vars) session.set(String(key), plainOf(value));
  }

  forget(): void {
    this.status = 'none';
  }

  async open(): Promise<ServerResponse> {
    if (this.response) return this.response;
    this.app = await this.start(this.settings);
    const question = await this.questionFor(this.app);
    await new Promise<void>((begun, failed) => {
      const left = new Promise<void>((resolve) => (this.leave = resolve));
      this.answer = this.app!.ask(question, async (request, response) => {
        this.request = request;
        this.response = response;
        begun();
        await left;
      });
      this.answer.catch(failed);
    });
    return this.response!;
  }
}
