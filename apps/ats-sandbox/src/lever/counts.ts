import type { AccountCounts, VisibleCounts } from '../simulator.js';
import type { LeverState } from './lever-state.js';
import { isOpen } from './records.js';

interface Tally extends AccountCounts {
  readonly inScope: VisibleCounts['inScope'];
  readonly withoutJob: number;
}

/** Counts an account person by person, with or without what is confidential; independent of the order and the paging. */
export function tally(state: LeverState, withConfidential: boolean): Tally {
  const postings = state.livePostings.filter(({ confidential }) => withConfidential || !confidential);
  const open = new Set(postings.filter(isOpen).map(({ index }) => index));
  const sum = { candidates: 0, applications: 0, resumes: 0, withoutJob: 0 };
  const inScope = { candidates: 0, applications: 0, resumes: 0 };
  for (let contact = 0; contact < state.contactsEnd; contact += 1) {
    let [visible, scoped, scopedResumes] = [0, 0, 0];
    for (const slot of state.slotsOf(contact)) {
      const row = state.row(slot);
      if (row === undefined || (row.confidential && !withConfidential)) continue;
      const resumes = state.resumes(row).length;
      visible += 1;
      sum.resumes += resumes;
      if (row.posting < 0) sum.withoutJob += 1;
      if (open.has(row.posting)) {
        scoped += 1;
        scopedResumes += resumes;
      }
    }
    sum.applications += visible;
    sum.candidates += visible > 0 ? 1 : 0;
    inScope.applications += scoped;
    inScope.candidates += scoped > 0 ? 1 : 0;
    inScope.resumes += scopedResumes > 0 ? 1 : 0;
  }
  return { ...sum, jobs: postings.length, openJobs: open.size, stages: state.stages.length, inScope };
}
