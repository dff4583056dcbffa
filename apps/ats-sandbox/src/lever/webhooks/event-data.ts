import { at } from '../catalogue.js';
import type { LogEntry } from '../change-log.js';
import type { LeverState } from '../lever-state.js';
import { recordId } from '../record-ids.js';
import type { OpportunityRecord } from '../records.js';
import type { WebhookEvent } from './hook-rows.js';

type Data = Readonly<Record<string, unknown>>;
type Archived = { readonly reason: number; readonly at: number } | null;

/** A change that webhooks tell of, with ids only, and the origin that conditions look at. */
export interface Happening {
  readonly event: WebhookEvent;
  readonly data: Data;
  readonly origin: string | null;
}

/** What webhooks tell of a change; undefined when none does (Lever webhook docs, Events). */
export function happening(state: LeverState, entry: LogEntry): Happening | undefined {
  switch (entry.type) {
    case 'contactCreated':
    case 'contactUpdated': {
      const contactId = recordId(state.seed, entry.contact, 'contact');
      return { event: entry.type, data: { contactId }, origin: null };
    }
    case 'applicationCreated': {
      const record = state.opportunity(entry.opportunity);
      if (record === undefined || record.posting < 0) return undefined;
      const applicationId = recordId(state.seed, record.slot, 'application');
      return { event: entry.type, data: { applicationId, ...idsOf(state, record) }, origin: record.origin };
    }
    case 'candidateHired':
      return of(state, entry.type, state.opportunity(entry.opportunity), {});
    case 'candidateStageChange': {
      const [fromStageId, toStageId] = [at(state.stages, entry.from).id, at(state.stages, entry.to).id];
      return of(state, entry.type, state.opportunity(entry.opportunity), { fromStageId, toStageId });
    }
    case 'candidateArchiveChange': {
      const data = { fromArchived: archived(state, entry.from), toArchived: archived(state, entry.to) };
      return of(state, entry.type, state.opportunity(entry.opportunity), data);
    }
    case 'candidateDeleted': {
      const deletion = state.deletion(entry.opportunity);
      const deletedBy = deletion === undefined ? null : at(state.users, deletion.user).id;
      return of(state, entry.type, deletion?.record, { deletedBy });
    }
    case 'opportunityUpdated':
    case 'postingCreated':
    case 'postingUpdated':
    case 'postingDeleted':
      return undefined;
  }
}

function of(
  state: LeverState,
  event: WebhookEvent,
  record: OpportunityRecord | undefined,
  more: Data,
): Happening | undefined {
  if (record === undefined) return undefined;
  return { event, data: { ...idsOf(state, record), ...more }, origin: record.origin };
}

/** `candidateId` is deprecated and the same as the opportunity's. */
function idsOf(state: LeverState, record: OpportunityRecord): Data {
  const opportunityId = recordId(state.seed, record.slot, 'opportunity');
  return { opportunityId, candidateId: opportunityId, contactId: recordId(state.seed, record.contact, 'contact') };
}

function archived(state: LeverState, value: Archived): Data | null {
  return value === null ? null : { archivedAt: value.at, reason: at(state.reasons, value.reason).id };
}
