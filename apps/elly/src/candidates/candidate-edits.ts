import { FieldChanges } from '@elly/ats-integration';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { boundQuery } from '../database/bound-query.js';
import { Problem } from '../problems/problem.js';
import type { Session } from '../session/session.js';
import { Candidate } from './candidate.entity.js';
import type { EditCandidateBody } from './candidate.schemas.js';

const EDIT = `
update elly.candidates set name = $3, emails = $4, phones = $5, headline = $6, company = $7, location = $8, correction = null,
       updated_at = now()
 where workspace_id = $1 and id = $2`;

@Injectable()
export class CandidateEdits {
  constructor(
    private readonly em: EntityManager,
    private readonly fieldChanges: FieldChanges,
  ) {}

  /**
   * An imported candidate changes here at once and in the ATS a moment later; when the ATS refuses, they are put right again.
   * @throws Problem 404, 400; AtsError `read-only-field` when the ATS takes one of the fields from nobody else, and what else
   * `FieldChanges.request` throws
   */
  async edit(session: Session, id: string, { customFields = {}, ...values }: EditCandidateBody): Promise<Candidate> {
    const { workspaceId } = session;
    const candidate = await this.em.findOne(Candidate, { id, workspaceId });
    if (candidate === null) throw Problem.notFound('candidate');
    const { atsRecordId } = candidate;
    const custom = Object.entries(customFields).map(([key, value]) => [`customFields.${key}`, value] as const);
    if (atsRecordId === null && custom.length > 0)
      throw new Problem(400, 'invalid-request', 'Custom fields come from an ATS; this candidate was made by hand.');
    const edited = Object.entries(values).filter(
      ([field, value]) => !isSame(candidate[field as keyof Candidate], value),
    );
    const changes = Object.fromEntries([
      ...edited.map(([field, value]) => [field, asAts(field, value)] as const),
      ...custom,
    ]);
    if (Object.keys(changes).length === 0) return candidate;
    await this.em.fork().transactional(async (em) => {
      // Before our own row: a page of a sync takes the two in this order.
      if (atsRecordId !== null) {
        const actor = { userId: session.userId, email: session.email };
        await this.fieldChanges.request({ workspaceId, candidateId: atsRecordId, changes, actor }, em);
      }
      const { name, emails, phones, headline, company, location } = { ...candidate, ...values };
      await boundQuery(em, EDIT, [workspaceId, id, name, emails, phones, headline, company, location]);
    });
    return this.em.refreshOrFail(candidate);
  }
}

function isSame(present: unknown, value: unknown): boolean {
  return JSON.stringify(present) === JSON.stringify(value);
}

/** Of an address or a number Elly keeps no type: the one that the ATS has stays. */
function asAts(field: string, value: unknown): unknown {
  if (field !== 'emails' && field !== 'phones') return value;
  return (value as readonly string[]).map((each) => ({ value: each }));
}
