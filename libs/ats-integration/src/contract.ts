/** `@elly/ats-integration/contract`: all that a provider may see. */
export type * from './contract/ats-provider.js';
export { defineProvider } from './contract/ats-provider.js';
export type * from './contract/auth.js';
export type * from './contract/context.js';
export type * from './contract/fields.js';
export { FIELD_DIRECTIONS } from './contract/fields.js';
export type * from './contract/fault.js';
export { FAULT_CODES, ProviderFault } from './contract/fault.js';
export type * from './contract/manifest.js';
export { DELETION_STYLES } from './contract/manifest.js';
export type * from './contract/page.js';
export type { ParsedRows } from './contract/parse-rows.js';
export { describeIssues, parseRows, readRowId } from './contract/parse-rows.js';
export type * from './contract/records.js';
export { APPLICATION_STATUSES, JOB_STATUSES, RECORD_KINDS } from './contract/records.js';
