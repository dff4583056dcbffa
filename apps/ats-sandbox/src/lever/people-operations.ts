import type { AppliedChange } from '../simulator.js';
import { appliedChange } from './applied-change.js';
import type { LeverState } from './lever-state.js';
import { canonicalEmail } from './people.js';
import { recordId } from './record-ids.js';
import type { Contact } from './records.js';

/** The second contact's opportunities become the first one's, which keeps its own data and gains addresses. */
export function merged(state: LeverState, primary: Contact, secondary: Contact): AppliedChange {
  if (primary.index === secondary.index) throw new Error('A contact cannot be merged with itself.');
  if (primary.isAnonymized) throw new Error('An anonymous contact cannot be merged into.');
  const records = state.slotsOf(secondary.index).flatMap((slot) => state.opportunity(slot) ?? []);
  for (const record of records) state.giveOpportunity(record, primary.index);
  const known = new Set(primary.emails.map(canonicalEmail));
  const put = {
    ...primary,
    emails: [...primary.emails, ...secondary.emails.filter((email) => !known.has(canonicalEmail(email)))],
    links: [...new Set([...primary.links, ...secondary.links])],
  };
  state.putContact(put, { type: 'contactUpdated', contact: primary.index });
  const into = recordId(state.seed, primary.index, 'contact');
  const applications = records.map(({ slot }) => recordId(state.seed, slot, 'opportunity'));
  return appliedChange('merge-candidates', 'candidates', recordId(state.seed, secondary.index, 'contact'), {
    into,
    applications,
  });
}

/** All personal data goes, files too; what is left are the opportunities. */
export function anonymized(state: LeverState, contact: Contact): AppliedChange {
  const { index } = contact;
  for (const slot of state.slotsOf(index)) {
    const record = state.opportunity(slot);
    if (record === undefined) continue;
    state.touch({ ...record, resumes: [], tags: [] }, { type: 'opportunityUpdated', opportunity: slot });
  }
  const put = { index, name: '', headline: '', location: '', emails: [], phones: [], links: [], isAnonymized: true };
  state.putContact(put, { type: 'contactUpdated', contact: index });
  return appliedChange('anonymize-candidate', 'candidates', recordId(state.seed, index, 'contact'), {});
}
