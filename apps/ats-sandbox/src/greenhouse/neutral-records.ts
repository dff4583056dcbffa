import type { Row } from './data/rows.js';
import type { GreenhouseStore } from './store/greenhouse-store.js';
import type { LazyTable } from './store/lazy-table.js';
import type { SandboxRecordKind } from '../simulator.js';

type Neutral = Readonly<Record<string, unknown>>;

/** The account's truth, private and confidential records included, oldest first. */
export function neutralRecords(
  store: GreenhouseStore,
  kind: SandboxRecordKind,
  offset: number,
  limit: number,
): readonly Neutral[] {
  switch (kind) {
    case 'jobs':
      return slice(store.jobs.all(), offset, limit).map((job) => ({
        id: String(job.id),
        name: job.name,
        status: job.status,
        visible: !job.confidential,
        createdAt: job.created_at,
        updatedAt: job.updated_at,
      }));
    case 'stages':
      return slice(store.stages.all(), offset, limit).map((stage) => ({
        id: String(stage.id),
        jobId: String(stage.job_id),
        name: stage.name,
        order: stage.sort_order,
        active: stage.active,
        visible: !store.isConfidential(stage.job_id),
      }));
    case 'users':
      return slice(store.users.all(), offset, limit).map((user) => ({
        id: String(user.id),
        name: user.name,
        email: user.primary_email,
        admin: user.site_admin,
        active: !user.deactivated,
      }));
    case 'candidates':
      return lazySlice(store.candidates, offset, limit, () => true).map((person) => ({
        id: String(person.id),
        firstName: person.first_name,
        lastName: person.last_name,
        emails: person.email_addresses.map(({ value }) => value),
        title: person.title,
        company: person.company,
        visible: person.private !== true,
        createdAt: person.created_at,
        updatedAt: person.updated_at,
      }));
    case 'applications':
      return lazySlice(store.applications, offset, limit, () => true).map((application) => ({
        id: String(application.id),
        candidateId: String(application.candidate_id),
        jobId: textOrNull(application.job_id),
        stageId: textOrNull(application.job_interview_stage_id),
        stageName: application.stage_name,
        status: application.status,
        prospect: application.prospect,
        visible: !store.isConfidential(application.job_id),
        inScope: inScope(store, application.job_id, application.candidate_id),
        createdAt: application.created_at,
        updatedAt: application.updated_at,
        lastActivityAt: application.last_activity_at,
      }));
    case 'resumes':
      return lazySlice(store.attachments, offset, limit, (file) => file.type === 'resume').map((file) => ({
        id: String(file.id),
        candidateId: String(file.candidate_id),
        applicationId: String(file.application_id),
        filename: file.filename,
        createdAt: file.created_at,
      }));
  }
}

function inScope(store: GreenhouseStore, jobId: number | null, candidateId: number): boolean {
  const job = jobId === null ? undefined : store.jobs.byId(jobId);
  return job?.status === 'open' && !job.confidential && !store.isPrivate(candidateId);
}

function textOrNull(id: number | null): string | null {
  return id === null ? null : String(id);
}

function slice<Item>(items: readonly Item[], offset: number, limit: number): readonly Item[] {
  return items.slice(offset, offset + limit);
}

/** Where a reader who goes on from page to page was, so that the next page need not count from the start. */
const places = new WeakMap<object, { version: number; offset: number; key: number }>();

function lazySlice<Stored extends Row>(
  table: LazyTable<Stored>,
  offset: number,
  limit: number,
  wanted: (row: Stored) => boolean,
): readonly Stored[] {
  const place = places.get(table);
  const resumed = place !== undefined && place.offset <= offset && place.version === table.version;
  let passed = resumed ? place.offset : 0;
  let key = resumed ? place.key : 0;
  const found: Stored[] = [];
  for (; key < table.end && found.length < limit; key += 1) {
    const row = table.at(key);
    if (row === undefined || !wanted(row)) continue;
    if (passed >= offset) found.push(row);
    passed += 1;
  }
  places.set(table, { version: table.version, offset: passed, key });
  return found;
}
