import type { KnownRecord } from './known-record.js';
import type { ExplanationReason } from './explanation.js';

/** A reason with its words. */
export interface Absence {
  readonly reason: ExplanationReason;
  readonly message: string;
  readonly whatToDo: string | null;
}

const RESYNC = 'then re-sync this connection';

/** Pure: what is known of a record, in words; null when nothing is. `ats`: the ATS's name. */
export function absenceOf(known: KnownRecord, ats: string): Absence | null {
  const what = known.kind;
  if (known.stored !== null) {
    if (known.stored.tombstone !== null) return goneAs(known.stored.tombstone, what, ats);
    if (known.missingCandidate === null)
      return { reason: 'here', message: `This ${what} is here, as ${ats} has it.`, whatToDo: null };
    return waiting(known.missingCandidate, ats);
  }
  if (known.quarantined !== null) {
    return {
      reason: 'quarantined',
      message: `${ats} shows this ${what}, but not in a form that can be read: ${known.quarantined}.`,
      whatToDo: `Correct it in ${ats}. Every sync reads it again, and takes it as soon as it can be read. If it looks right there, give this reason to support.`,
    };
  }
  if (known.skipped !== null) return skippedAs(known.skipped, what, ats);
  if (known.applications.length > 0) return waiting(known, ats);
  return null;
}

function goneAs(tombstone: NonNullable<KnownRecord['stored']>['tombstone'], what: string, ats: string): Absence {
  switch (tombstone) {
    case 'merged':
      return {
        reason: 'merged',
        message: `In ${ats} this ${what} was merged into another one, as which it lives on.`,
        whatToDo: 'Look at the one that it was merged into; the applications are there.',
      };
    case 'deleted':
      return {
        reason: 'deleted',
        message: `${ats} deleted this ${what}.`,
        whatToDo: `If that was a mistake, restore it in ${ats}; the next sync brings it back.`,
      };
    case 'anonymised':
      return {
        reason: 'anonymised',
        message: `${ats} anonymised this person, so everything personal was erased here too.`,
        whatToDo: null,
      };
    case 'permission-lost':
      return {
        reason: 'permission-lost',
        message: `Whoever authorised Elly in ${ats} may no longer see this ${what}.`,
        whatToDo: `Give them the permission back in ${ats}, or reconnect as somebody who may see it; ${RESYNC}.`,
      };
    case 'out-of-scope':
      return {
        reason: 'out-of-scope',
        message: `This ${what} was moved out of what is synced from ${ats}.`,
        whatToDo: `Move it back in ${ats}, ${RESYNC}.`,
      };
    case null:
    case undefined:
      throw new Error('A record without a tombstone is not gone.');
    default:
      return tombstone satisfies never;
  }
}

function skippedAs(
  { reason, job, jobWithheld }: NonNullable<KnownRecord['skipped']>,
  what: string,
  ats: string,
): Absence {
  const openIt = `Open the job in ${ats}, or have people of all jobs imported (the setting openJobsOnly), ${RESYNC}.`;
  const asAdmin = `Reconnect as somebody who may see it in ${ats}, or give whoever authorised that permission; ${RESYNC}.`;
  switch (reason) {
    case 'job-not-open':
      if (job?.open === true) {
        return {
          reason: 'job-not-open',
          message: `The job "${job.title}" was not open in ${ats} when this ${what} was seen; it is now.`,
          whatToDo: 'Wait for the next sync, which brings the people of jobs that opened.',
        };
      }
      return {
        reason: 'job-not-open',
        message:
          job === null
            ? `The job that this ${what} is for is not open in ${ats}, and only people of open jobs are imported.`
            : `The job "${job.title}" has the status "${job.remoteStatus}" in ${ats}, and only people of open jobs are imported.`,
        whatToDo: openIt,
      };
    case 'no-application-on-open-job':
      return {
        reason: 'job-not-open',
        message: `This ${what} has no application for a job that is open in ${ats}, and only people of open jobs are imported.`,
        whatToDo: openIt,
      };
    case 'job-not-visible':
      return jobWithheld || job?.confidential === true
        ? {
            reason: 'private',
            message: `The job that this ${what} is for is confidential in ${ats} and is not shown to whoever authorised Elly.`,
            whatToDo: asAdmin,
          }
        : {
            reason: 'job-not-visible',
            message: `${ats} does not show the job that this ${what} is for to whoever authorised Elly.`,
            whatToDo: asAdmin,
          };
    case 'private':
      return {
        reason: 'private',
        message: `This ${what} is private in ${ats}: it is withheld from whoever authorised Elly.`,
        whatToDo: asAdmin,
      };
    case 'not-visible':
      return {
        reason: 'not-visible',
        message: `${ats} names this ${what} but does not show it to whoever authorised Elly.`,
        whatToDo: asAdmin,
      };
    case 'no-job':
      return {
        reason: 'filtered',
        message: `This ${what} is for no job in ${ats} (a prospect or lead), and only people of open jobs are imported.`,
        whatToDo: `Add the person to an open job in ${ats}; the next sync brings them.`,
      };
    case 'candidate-not-imported':
      return {
        reason: 'filtered',
        message: `The candidate to whom this ${what} belongs is not here.`,
        whatToDo: 'Ask why the candidate is not here; this follows them.',
      };
    case 'template':
    case 'superseded':
      return {
        reason: 'filtered',
        message: `This ${what} is left out because ${reason === 'template' ? 'it is a template, not a real one' : 'a newer one took its place'}.`,
        whatToDo: null,
      };
    default:
      return { reason: 'filtered', message: `This ${what} was left out: ${reason}.`, whatToDo: null };
  }
}

/** Its application is here, the candidate is not: for the reason that is known of the candidate, or none yet. */
function waiting(candidate: KnownRecord, ats: string): Absence {
  const why =
    candidate.stored === null && (candidate.quarantined !== null || candidate.skipped !== null)
      ? absenceOf({ ...candidate, applications: [] }, ats)
      : null;
  if (why !== null) return why;
  return {
    reason: 'waits-for-candidate',
    message: `An application is here, and waits for its candidate, whom no page of ${ats} has brought yet.`,
    whatToDo: 'Wait for the next sync: it asks for the candidate by id.',
  };
}
