import { keyOf } from '../data/ids.js';
import type { LogEntry } from '../changes/change-log.js';
import type { ApplicationRow } from '../data/rows.js';
import type { GreenhouseStore } from '../store/greenhouse-store.js';
import {
  applicationPart,
  candidatePart,
  hiringTeam,
  jobPart,
  postsOf,
  wholeJobPart,
  userPart,
  type LinkOf,
  type Payload,
} from './payload-parts.js';

export interface Happening {
  readonly event: string;
  readonly payload: Payload;
}

/** Which webhooks a change sets off, in the vendor's words; none for many (Greenhouse webhook docs, Events). */
export function happenings(store: GreenhouseStore, entry: LogEntry, linkOf: LinkOf): readonly Happening[] {
  const { op, id, gone = {}, detail } = entry;
  const application = (): Payload => ({ application: applicationOf(store, id, linkOf) });
  switch (op) {
    case 'move':
      return [{ event: 'candidate_stage_change', payload: application() }];
    case 'reject':
      return [{ event: 'reject_candidate', payload: application() }];
    case 'unreject':
      return [{ event: 'unreject_candidate', payload: application() }];
    case 'unhire':
      return [{ event: 'unhire_candidate', payload: application() }];
    case 'edit-application':
      return [{ event: 'application_updated', payload: application() }];
    case 'hire':
      return hired(store, entry, linkOf);
    case 'create-application':
      return [applied(store, id, linkOf)];
    case 'create-candidate':
      return [applied(store, Number(detail['application']), linkOf)];
    case 'edit-candidate':
    case 'set-private': {
      const person = store.candidates.byId(id);
      const candidate = person === undefined ? null : candidatePart(store, person, linkOf);
      return [{ event: 'update_candidate', payload: { candidate } }];
    }
    case 'delete-candidate':
      return [{ event: 'delete_candidate', payload: { person: gone } }];
    case 'merge-candidates':
      return [{ event: 'merge_candidate', payload: { person: gone } }];
    case 'anonymize-candidate':
      return [
        { event: 'candidate_anonymized', payload: { candidate_id: id, anonymized_fields: detail['fields'] ?? [] } },
      ];
    case 'delete-application':
      return [{ event: 'delete_application', payload: { application: gone } }];
    case 'create-job':
      return [{ event: 'job_created', payload: { job: jobOf(store, id) } }];
    case 'edit-job':
      return [{ event: 'job_updated', payload: { job: jobOf(store, id) } }];
    case 'open-job':
    case 'close-job':
      return [
        { event: 'job_updated', payload: { job: jobOf(store, id) } },
        ...postsOf(store, id).map((post) => ({ event: 'job_post_updated', payload: postPart(post) })),
      ];
    case 'delete-job':
      return [{ event: 'job_deleted', payload: { job: gone } }];
    case 'delete-stage':
      return [{ event: 'job_interview_stage_deleted', payload: { job_interview_stage: gone } }];
    default:
      return [];
  }
}

function applicationOf(store: GreenhouseStore, id: number, linkOf: LinkOf): Payload | null {
  const row = store.applications.byId(id);
  return row === undefined ? null : applicationPart(store, row, linkOf);
}

/** Beyond other events: where a prospect is, and who hires for the job. */
function applied(store: GreenhouseStore, id: number, linkOf: LinkOf): Happening {
  const row = store.applications.byId(id);
  const job = row?.job_id == null ? undefined : store.jobs.byId(row.job_id);
  const payload = {
    application: {
      ...applicationOf(store, id, linkOf),
      prospect_detail: { prospect_pool: null, prospect_stage: null, prospect_owner: null },
      jobs: job === undefined ? [] : [{ ...jobPart(store, job), hiring_team: hiringTeam(store, job.id) }],
    },
  };
  return { event: row?.prospect === true ? 'new_prospect_application' : 'new_candidate_application', payload };
}

/** A hire has neither status nor stage, calls its source's name differently, and comes with a change to the offer. */
function hired(store: GreenhouseStore, { id, at, detail }: LogEntry, linkOf: LinkOf): readonly Happening[] {
  const row = store.applications.byId(id);
  if (row === undefined) return [];
  const offer = offerPart(row, at, detail['startDate']);
  const { source, candidate, jobs } = applicationPart(store, row, linkOf);
  const { name, ...sourceId } = (source ?? {}) as Payload;
  const job = row.job_id === null ? undefined : store.jobs.byId(row.job_id);
  const { id: offerId, version, created_at, resolved_at, starts_at } = offer;
  const application = {
    id,
    opening: null,
    credited_to: userPart(store, row.recruiter_id),
    source: source === null ? null : { ...sourceId, public_name: name },
    url: `https://app.greenhouse.io/people/${row.candidate_id}?application_id=${id}`,
    candidate,
    job: job === undefined ? null : { ...jobPart(store, job), open_date: job.opened_at, close_date: job.closed_at },
    jobs,
    custom_fields: row.custom_fields ?? {},
    offer: { id: offerId, version, created_at, sent_at: null, resolved_at, starts_at, custom_fields: {} },
  };
  const flat = {
    id: offerId,
    application_id: id,
    job_id: row.job_id,
    user_id: row.recruiter_id,
    version,
    sent_on: null,
    resolved_at,
    start_date: starts_at,
    notes: null,
    offer_status: 'Accepted',
    custom_fields: {},
  };
  return [
    { event: 'hire_candidate', payload: { application } },
    { event: 'offer_updated', payload: flat },
  ];
}

function offerPart(row: ApplicationRow, at: string, startDate: unknown) {
  return {
    id: 45_000_000_004 + (keyOf('applications', row.id) ?? 0) * 100,
    version: 1,
    created_at: at,
    resolved_at: at,
    starts_at: typeof startDate === 'string' ? startDate.slice(0, 10) : null,
  };
}

function jobOf(store: GreenhouseStore, id: number): Payload | null {
  const job = store.jobs.byId(id);
  return job === undefined ? null : wholeJobPart(store, job);
}

function postPart(post: Payload): Payload {
  const { id, title, location, content, internal_content, updated_at, job_id, internal, live, questions } = post;
  const place = (location as { readonly name?: string } | null)?.name ?? null;
  const external = internal !== true;
  return {
    id,
    title,
    location: place,
    content,
    internal_content,
    updated_at,
    job_id,
    external,
    internal,
    live,
    questions,
  };
}
