import type { ApplicationRecord, ProviderRecord } from '../../contract/records.js';
import type { InsightConnection } from '../insight-connection.js';
import type { Absence } from './absence.js';
import type { AskedById } from './ask-by-id.js';

/** The newest run, as far as it tells why nothing is here. */
export interface LatestRun {
  readonly status: string;
  readonly fault_message: string | null;
}

/** Pure: why nothing at all is known of a record, when it is the connection; null when the connection is in order. */
export function standstillOf(
  { status, status_reason: reason, lastSyncedAt, awaitsStart }: InsightConnection,
  run: LatestRun | null,
  ats: string,
): Absence | null {
  switch (status) {
    case 'suspended':
      return {
        reason: 'suspended',
        message: `The connection to ${ats} is suspended, so nothing new comes in. ${reason ?? ''}`.trim(),
        whatToDo: "Upgrade the workspace's plan, or disconnect another ATS.",
      };
    case 'reconnect_required':
      return {
        reason: 'reconnect-required',
        message: `Elly is no longer authorised in ${ats}, so nothing new comes in. ${reason ?? ''}`.trim(),
        whatToDo: `An admin has to reconnect ${ats} in Settings → Integrations.`,
      };
    case 'disconnected':
    case 'authorizing':
      return {
        reason: 'disconnected',
        message: `${ats} is not connected, so nothing new comes in.`,
        whatToDo: `Connect ${ats} in Settings → Integrations.`,
      };
    case 'active':
      break;
    default:
      return status satisfies never;
  }
  if (lastSyncedAt !== null) return null;
  const first = { reason: 'first-sync-not-completed' } as const;
  if (awaitsStart)
    return {
      ...first,
      message: `The first import from ${ats} has not been started.`,
      whatToDo: 'Look at its preview and start it.',
    };
  if (run?.status === 'failed')
    return {
      ...first,
      message: `The first import from ${ats} failed: ${run.fault_message ?? 'no reason was given.'}`,
      whatToDo: 'Mend what it says, then start a re-sync.',
    };
  return {
    ...first,
    message: `The first import from ${ats} is not complete yet.`,
    whatToDo: 'Wait until it is, then ask again.',
  };
}

/** What decides whether a record that the ATS has comes in. */
export interface ImportRules {
  readonly openJobsOnly: boolean;
  /** Null: the job is not here. */
  readonly isOpen: (jobRemoteId: string) => boolean | null;
}

/** Pure: nobody has seen the record; the ATS was asked for it. */
export function unseen(asked: AskedById, what: string, ats: string, rules: ImportRules): Absence {
  switch (asked.answer) {
    case 'there':
      return {
        reason: 'not-yet-synced',
        message: `${ats} has this ${what}, and no sync has seen it yet. ${whatComes(asked.record, what, rules)}`,
        whatToDo: 'Wait for the next sync, or start one with "catch up now". If it is old and was never seen, re-sync.',
      };
    case 'not-there':
      return {
        reason: 'not-in-ats',
        message: `${ats} has no ${what} of this id, or does not show it to whoever authorised Elly.`,
        whatToDo: `Compare the id with the one in ${ats}. If it is there, reconnect as somebody who may see it.`,
      };
    case 'withheld':
      return {
        reason: 'private',
        message: `This ${what} is private in ${ats}: it is withheld from whoever authorised Elly.`,
        whatToDo: `Reconnect as somebody who may see it in ${ats}, then re-sync.`,
      };
    case 'unreadable':
      return {
        reason: 'quarantined',
        message: `${ats} has this ${what}, but not in a form that can be read: ${asked.why ?? 'it is not as documented'}.`,
        whatToDo: `Correct it in ${ats}, or give this reason to support.`,
      };
    case 'no-answer':
    case 'not-asked':
    case 'cannot-be-asked':
      return {
        reason: 'never-seen',
        message: `No sync has seen a ${what} of this id.${asked.why === null ? '' : ` ${ats} could not be asked: ${asked.why}`}`,
        whatToDo: `Compare the id with the one in ${ats}. If it is right, re-sync: everything is listed then.`,
      };
    default:
      return asked.answer satisfies never;
  }
}

function whatComes(record: ProviderRecord | null, what: string, rules: ImportRules): string {
  if (!rules.openJobsOnly || record === null) return 'The next sync brings it.';
  if (record.kind === 'candidate') return 'The next sync brings it if it has an application for an open job.';
  if (record.kind !== 'application') return 'The next sync brings it.';
  return ofApplication(record, what, rules);
}

function ofApplication({ jobRemoteId }: ApplicationRecord, what: string, rules: ImportRules): string {
  const open = jobRemoteId === null ? false : rules.isOpen(jobRemoteId);
  if (open === true) return 'Its job is open, so the next sync brings it.';
  if (open === null) return `The next sync brings it if its job is open.`;
  return jobRemoteId === null
    ? `It is for no job, so the next sync leaves this ${what} out.`
    : `Its job is not open, so the next sync leaves this ${what} out.`;
}
