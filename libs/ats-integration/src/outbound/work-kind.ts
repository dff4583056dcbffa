/** The work item of this folder; its id is the library id of an application whose changes are due. */
export const STAGE_CHANGE_WORK = 'stage-change';
