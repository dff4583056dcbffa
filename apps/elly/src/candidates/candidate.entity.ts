import type { Tombstone } from '@elly/ats-integration/contract';
import { defineEntity } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import type { Source } from '../jobs/job.entity.js';

export interface CandidateValues {
  readonly workspaceId: string;
  readonly name: string;
  readonly emails?: readonly string[];
  readonly phones?: readonly string[];
  readonly headline?: string | null;
  readonly company?: string | null;
  readonly location?: string | null;
}

/** A person. The constructor makes one by hand; imported ones are written by `ats-ports/import-candidates.ts`. */
export class Candidate {
  readonly id: string = uuidv7();
  readonly workspaceId: string;
  readonly name: string;
  readonly emails: string[];
  readonly phones: string[];
  readonly headline: string | null;
  readonly company: string | null;
  readonly location: string | null;
  /** The ATS erased this person; so did we. */
  readonly anonymised: boolean = false;
  /** Why the ATS did not take its last edit; null when there is nothing to say. */
  readonly correction: string | null = null;
  readonly source: Source = 'manual';
  readonly provider: string | null = null;
  readonly providerName: string | null = null;
  readonly connectionId: string | null = null;
  readonly atsRecordId: string | null = null;
  /** What became of it in its ATS, when it is no longer there. */
  readonly gone: Tombstone | null = null;
  /** Another row of the same person, which is the one to show. */
  readonly mergedInto: string | null = null;
  readonly createdAt: Date = new Date();
  readonly updatedAt: Date = new Date();

  constructor(values: CandidateValues) {
    this.workspaceId = values.workspaceId;
    this.name = values.name;
    this.emails = [...(values.emails ?? [])];
    this.phones = [...(values.phones ?? [])];
    this.headline = values.headline ?? null;
    this.company = values.company ?? null;
    this.location = values.location ?? null;
  }
}

export const CandidateSchema = defineEntity({
  class: Candidate,
  tableName: 'candidates',
  schema: 'elly',
  properties: (p) => ({
    id: p.uuid().primary(),
    workspaceId: p.uuid(),
    name: p.text(),
    emails: p.array().columnType('text[]'),
    phones: p.array().columnType('text[]'),
    headline: p.text().nullable(),
    company: p.text().nullable(),
    location: p.text().nullable(),
    anonymised: p.boolean(),
    correction: p.text().nullable(),
    source: p.text().$type<Source>(),
    provider: p.text().nullable(),
    providerName: p.text().nullable(),
    connectionId: p.uuid().nullable(),
    atsRecordId: p.uuid().nullable(),
    gone: p.text().$type<Tombstone>().nullable(),
    mergedInto: p.uuid().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  }),
});
