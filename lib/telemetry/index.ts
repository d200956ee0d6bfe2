export { SessionTelemetryModule } from './telemetry.module.js';
export type { CountedEvent, SessionTelemetryOptions, TelemetryAttributes } from './telemetry.options.js';
