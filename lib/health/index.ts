export { SessionHealthIndicator, type HealthIndicatorOptions } from './session-health.indicator.js';
