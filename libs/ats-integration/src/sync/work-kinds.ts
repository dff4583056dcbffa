/** Kinds of work items that this folder handles. */
export const SYNC_WORK = 'sync-run';
export const RESUME_WORK = 'resumes';
