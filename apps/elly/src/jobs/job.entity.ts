import type { JobStatus, Tombstone } from '@elly/ats-integration/contract';
import { defineEntity } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';

export const SOURCES = ['manual', 'ats'] as const;
/** Made by hand in Elly, or imported. */
export type Source = (typeof SOURCES)[number];

export interface JobValues {
  readonly workspaceId: string;
  readonly title: string;
  readonly description?: string | null;
  readonly status?: JobStatus;
  readonly department?: string | null;
  readonly location?: string | null;
}

/** A job in Elly. The constructor makes one by hand; imported ones are written by `ats-ports/import-jobs.ts`. */
export class Job {
  readonly id: string = uuidv7();
  readonly workspaceId: string;
  title: string;
  /** HTML of unknown origin when imported: show it only through a sanitiser. */
  description: string | null;
  status: JobStatus;
  department: string | null;
  location: string | null;
  readonly url: string | null = null;
  readonly source: Source = 'manual';
  readonly provider: string | null = null;
  readonly providerName: string | null = null;
  readonly connectionId: string | null = null;
  readonly atsRecordId: string | null = null;
  /** What became of it in its ATS, when it is no longer there. */
  readonly gone: Tombstone | null = null;
  readonly createdAt: Date = new Date();
  updatedAt: Date = new Date();

  constructor(values: JobValues) {
    this.workspaceId = values.workspaceId;
    this.title = values.title;
    this.description = values.description ?? null;
    this.status = values.status ?? 'open';
    this.department = values.department ?? null;
    this.location = values.location ?? null;
  }
}

export const JobSchema = defineEntity({
  class: Job,
  tableName: 'jobs',
  schema: 'elly',
  properties: (p) => ({
    id: p.uuid().primary(),
    workspaceId: p.uuid(),
    title: p.text(),
    description: p.text().nullable(),
    status: p.text().$type<JobStatus>(),
    department: p.text().nullable(),
    location: p.text().nullable(),
    url: p.text().nullable(),
    source: p.text().$type<Source>(),
    provider: p.text().nullable(),
    providerName: p.text().nullable(),
    connectionId: p.uuid().nullable(),
    atsRecordId: p.uuid().nullable(),
    gone: p.text().$type<Tombstone>().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime().onUpdate(() => new Date()),
  }),
});
