import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import type { ProbeStep } from '../persistence/session-probe.interface.js';
import { ATTRIBUTES } from './metric-names.js';

type Api = typeof import('@opentelemetry/api');

/** Makes spans for the steps of a request, below the span that is active there. A request that is not recorded gets none. */
export class SessionSpans {
  constructor(
    private readonly api: Api,
    private readonly tracer: Tracer,
    private readonly session: string,
    private readonly system: string,
  ) {}

  /** Returns the span of a step; `undefined` where nothing is recorded. */
  begin(step: ProbeStep, detail: string | undefined): Span | undefined {
    const { trace, context } = this.api;
    if (!trace.getSpan(context.active())?.isRecording()) return undefined;
    return isOfStore(step) ? this.storeSpan(detail ?? step) : this.ownSpan(step, detail);
  }

  /** Ends a span; `outcome` is the code of an error. */
  end(span: Span, outcome: string | undefined): void {
    if (outcome !== undefined) {
      span.setAttribute(ATTRIBUTES.error, outcome);
      span.setStatus({ code: this.api.SpanStatusCode.ERROR });
    }
    span.end();
  }

  private ownSpan(step: ProbeStep, detail: string | undefined): Span {
    const attributes: Attributes = { [ATTRIBUTES.session]: this.session };
    if (detail !== undefined) attributes[ATTRIBUTES.queue] = detail;
    return this.tracer.startSpan(`session ${step}`, { attributes });
  }

  /** The span of a database client, as the semantic conventions have it. */
  private storeSpan(operation: string): Span {
    const { session, system } = this;
    const attributes = {
      [ATTRIBUTES.session]: session,
      [ATTRIBUTES.system]: system,
      [ATTRIBUTES.operation]: operation,
    };
    const { CLIENT, INTERNAL } = this.api.SpanKind;
    const kind = IN_PROCESS.includes(system) ? INTERNAL : CLIENT;
    return this.tracer.startSpan(`session ${operation}`, { kind, attributes });
  }
}

/** Stores that no network leads to. */
const IN_PROCESS: readonly string[] = ['memory', 'files', 'php-files'];

/** True for an operation of the store. */
const isOfStore = (step: ProbeStep): boolean => step === 'load' || step === 'store' || step === 'prune';
