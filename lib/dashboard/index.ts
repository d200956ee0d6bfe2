export { SessionDashboardModule } from './dashboard.module.js';
export type { DashboardGuard, DashboardRequest, SessionDashboardOptions } from './dashboard.options.js';
