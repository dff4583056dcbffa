import { defineEntity } from '@mikro-orm/postgresql';

/** The one résumé of a candidate: the newest. Written by `ats-ports/import-resumes.ts`; the bytes are in the `FileStore`. */
export class Resume {
  declare readonly candidateId: string;
  /** The file store's. Never shown. */
  declare readonly reference: string;
  /** As the ATS names it: to show, not to open. */
  declare readonly filename: string;
  declare readonly contentType: string;
  /** Bytes. */
  declare readonly size: number;
  declare readonly storedAt: Date;
}

export const ResumeSchema = defineEntity({
  class: Resume,
  tableName: 'resumes',
  schema: 'elly',
  readonly: true,
  properties: (p) => ({
    candidateId: p.uuid().primary(),
    reference: p.text(),
    filename: p.text(),
    contentType: p.text(),
    size: p.bigint('number'),
    storedAt: p.datetime(),
  }),
});
