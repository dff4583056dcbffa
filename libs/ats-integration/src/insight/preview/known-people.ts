import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { CandidateRecord } from '../../contract/records.js';
import { query } from '../../database/query.js';
import { HiringPipeline } from '../../host/hiring-pipeline.port.js';

export interface KnownPerson {
  readonly email: string;
  readonly candidateId: string;
}

/** Who is in Elly already: asked of the host, or of the workspace's other connections when the host does not say. */
@Injectable()
export class KnownPeople {
  constructor(
    private readonly em: EntityManager,
    @Inject(HiringPipeline) private readonly pipeline: HiringPipeline,
  ) {}

  /** Of these people those who are known by an e-mail address, with the host's id of each. This connection's own do not count. */
  async among(
    workspaceId: string,
    connectionId: string,
    people: readonly CandidateRecord[],
  ): Promise<ReadonlyMap<CandidateRecord, string>> {
    const emails = [...new Set(people.flatMap(emailsOf))];
    if (emails.length === 0) return new Map();
    const known = await this.#find(workspaceId, connectionId, emails);
    const byEmail = new Map(known.map(({ email, candidateId }) => [email, candidateId]));
    const found = new Map<CandidateRecord, string>();
    for (const person of people) {
      const id = emailsOf(person)
        .map((email) => byEmail.get(email))
        .find((candidateId) => candidateId !== undefined);
      if (id !== undefined) found.set(person, id);
    }
    return found;
  }

  async #find(workspaceId: string, connectionId: string, emails: readonly string[]): Promise<readonly KnownPerson[]> {
    if (this.pipeline.findByEmail !== undefined)
      return this.pipeline.findByEmail(workspaceId, emails, { notOfConnection: connectionId });
    return query<KnownPerson>(
      this.em.fork(),
      `select distinct on (email) lower(btrim(e ->> 'value')) as email, c.id as "candidateId"
       from ats.connections o join ats.candidates c on c.connection_id = o.id and c.tombstone is null
         cross join lateral json_array_elements(c.emails) e
       where o.workspace_id = $1 and o.id <> $2 and lower(btrim(e ->> 'value')) = any($3)
       order by email, c.created_at`,
      [workspaceId, connectionId, emails],
    );
  }
}

/** As they are compared. */
function emailsOf({ emails }: CandidateRecord): string[] {
  return emails.map(({ value }) => value.trim().toLowerCase()).filter((email) => email !== '');
}
