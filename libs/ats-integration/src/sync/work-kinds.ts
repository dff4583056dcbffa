/** Kinds of work items that this folder handles. */
export const SYNC_WORK = 'sync-run';
export const RESUME_WORK = 'resumes';
/** One targeted run; the records that webhooks named of one connection. */
export const TARGETED_WORK = 'targeted-run';
export const NAMED_WORK = 'named-records';
