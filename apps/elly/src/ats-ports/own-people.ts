import type { HostPerson, PeopleQuery } from '@elly/ats-integration';
import type { EntityManager } from '@mikro-orm/postgresql';
import { boundQuery } from '../database/bound-query.js';

const PERSON = `select id, name, emails, phones, headline, company, location from elly.candidates`;

const PAGE = `${PERSON}
 where workspace_id = $1 and source = 'manual' and merged_into is null and ($2::uuid is null or id > $2::uuid) order by id limit $3`;

const NAMED = `${PERSON} where workspace_id = $1 and source = 'manual' and id = any($2::uuid[])`;

/** Candidates made by hand, for the library's search for duplicates. */
export async function ownPeople(
  workspaceId: string,
  query: PeopleQuery,
  em: EntityManager,
): Promise<readonly HostPerson[]> {
  const { rows } =
    'ids' in query
      ? await boundQuery<HostPerson>(em, NAMED, [workspaceId, query.ids])
      : await boundQuery<HostPerson>(em, PAGE, [workspaceId, query.after, query.limit]);
  return rows;
}
