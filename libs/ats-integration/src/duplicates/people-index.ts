import type { EntityManager } from '@mikro-orm/postgresql';
import { execute, query } from '../database/query.js';
import { textArray } from '../database/text-array.js';
import type { HiringPipeline, HostPerson, PersonRef } from '../host/hiring-pipeline.port.js';
import { blockingKeys, comparable, unreadable } from './compared-person.js';
import type { PersonFacts } from './compared-person.js';

const PAGE = 2000;

interface CandidateFacts {
  readonly id: string;
  readonly hash: string;
  readonly name: string;
  readonly emails: readonly { readonly value: string }[];
  readonly phones: readonly { readonly value: string }[];
  readonly company: string | null;
}

/** Brings the keys of a workspace's people up to date, a page at a time; who changed is left dirty for the comparison. */
export async function indexPeople(em: EntityManager, host: HiringPipeline, workspaceId: string): Promise<void> {
  await forgetGone(em.fork(), workspaceId);
  const connections = await query<{ id: string }>(em.fork(), `select id from ats.connections where workspace_id = $1`, [
    workspaceId,
  ]);
  for (const { id } of connections) await indexConnection(em, workspaceId, id);
  if (host.people !== undefined) await indexOwn(em, host, workspaceId);
}

async function forgetGone(em: EntityManager, workspaceId: string): Promise<void> {
  await forget(
    em,
    workspaceId,
    'ats',
    await query<{ id: string }>(
      em,
      `select s.id from ats.searched_people s join ats.candidates c on c.id = s.id::uuid
       where s.workspace_id = $1 and s.kind = 'ats' and (c.tombstone is not null or c.anonymised)`,
      [workspaceId],
    ),
  );
}

/**
 * Who changed since, by its hash: no moment is trusted, since a page may commit after one that began later. One probe of the
 * key for each: a table that was just filled has no statistics, and joined as a whole it is read once for every row.
 */
async function indexConnection(em: EntityManager, workspaceId: string, connectionId: string): Promise<void> {
  for (let after: string | null = ''; after !== null;) {
    const [next]: { remote_id: string }[] = await query<{ remote_id: string }>(
      em.fork(),
      `select remote_id from ats.candidates where connection_id = $1 and remote_id > $2 order by remote_id offset $3 limit 1`,
      [connectionId, after, PAGE - 1],
    );
    const until: string | null = next?.remote_id ?? null;
    const rows = await query<CandidateFacts>(
      em.fork(),
      `select c.id, c.hash, c.name, c.emails, c.phones, c.company from ats.candidates c
       left join lateral (select p.hash from ats.searched_people p
             where p.workspace_id = $1 and p.kind = 'ats' and p.id = c.id::text offset 0) s on true
       where c.connection_id = $2 and c.remote_id > $3 and ($4::text is null or c.remote_id <= $4)
         and c.tombstone is null and not c.anonymised and s.hash is distinct from c.hash`,
      [workspaceId, connectionId, after, until],
    );
    const entries = rows.map(({ id, hash, ...row }) => ({ id, hash, facts: factsOfCandidate(row) }));
    await em.fork().transactional((inner) => write(inner, workspaceId, 'ats', entries));
    after = until;
  }
}

async function indexOwn(em: EntityManager, host: HiringPipeline, workspaceId: string): Promise<void> {
  const seen = new Set<string>();
  for (let after: string | null = null; ;) {
    const page: readonly HostPerson[] = (await host.people?.(workspaceId, { after, limit: PAGE }, em.fork())) ?? [];
    const last = page.at(-1);
    if (last === undefined) break;
    const rows = await query<{ id: string; hash: string }>(
      em.fork(),
      `select id, hash from ats.searched_people where workspace_id = $1 and kind = 'own' and id = any($2::text[])`,
      [workspaceId, page.map(({ id }) => id)],
    );
    const known = new Map(rows.map(({ id, hash }) => [id, hash]));
    const entries = page.flatMap((person) => {
      const facts = factsOfOwn(person);
      const hash = unreadable(JSON.stringify(facts));
      return known.get(person.id) === hash ? [] : [{ id: person.id, hash, facts }];
    });
    await em.fork().transactional((inner) => write(inner, workspaceId, 'own', entries));
    for (const { id } of page) seen.add(id);
    after = last.id;
  }
  const kept = await query<{ id: string }>(
    em.fork(),
    `select p.id from ats.searched_people p where p.workspace_id = $1 and p.kind = 'own' and not exists (
       select 1 from ats.candidate_links l where l.workspace_id = $1 and l.kind = 'own' and l.id = p.id)`,
    [workspaceId],
  );
  await forget(
    em.fork(),
    workspaceId,
    'own',
    kept.filter(({ id }) => !seen.has(id)),
  );
}

interface Entry {
  readonly id: string;
  readonly hash: string;
  readonly facts: PersonFacts;
}

async function write(
  em: EntityManager,
  workspaceId: string,
  kind: PersonRef['kind'],
  entries: readonly Entry[],
): Promise<void> {
  if (entries.length === 0) return;
  const ids = textArray(entries.map(({ id }) => id));
  await execute(
    em,
    `insert into ats.searched_people (workspace_id, kind, id, hash, dirty)
     select $1, $2, id, hash, true from unnest($3::text[], $4::text[]) as g(id, hash)
     on conflict (workspace_id, kind, id) do update set hash = excluded.hash, dirty = true`,
    [workspaceId, kind, ids, textArray(entries.map(({ hash }) => hash))],
  );
  await execute(em, `delete from ats.person_keys where workspace_id = $1 and kind = $2 and id = any($3::text[])`, [
    workspaceId,
    kind,
    ids,
  ]);
  const keys = entries.flatMap(({ id, facts }) => blockingKeys(comparable(facts)).map((key) => ({ id, key })));
  await execute(
    em,
    `insert into ats.person_keys (workspace_id, kind, id, key) select $1, $2, id, key from unnest($3::text[], $4::text[]) as g(id, key)
     on conflict do nothing`,
    [workspaceId, kind, textArray(keys.map(({ id }) => id)), textArray(keys.map(({ key }) => key))],
  );
}

async function forget(
  em: EntityManager,
  workspaceId: string,
  kind: PersonRef['kind'],
  gone: readonly { readonly id: string }[],
): Promise<void> {
  if (gone.length === 0) return;
  const ids = gone.map(({ id }) => id);
  for (const table of ['person_keys', 'searched_people']) {
    await execute(em, `delete from ats.${table} where workspace_id = $1 and kind = $2 and id = any($3::text[])`, [
      workspaceId,
      kind,
      ids,
    ]);
  }
  await execute(
    em,
    `delete from ats.duplicates where workspace_id = $1 and status = 'open'
       and id in (select id from ats.duplicates where workspace_id = $1 and left_kind = $2 and left_id = any($3::text[])
         union select id from ats.duplicates where workspace_id = $1 and right_kind = $2 and right_id = any($3::text[]))`,
    [workspaceId, kind, ids],
  );
}

export function factsOfCandidate(row: Pick<CandidateFacts, 'name' | 'emails' | 'phones' | 'company'>): PersonFacts {
  return {
    names: [row.name],
    emails: row.emails.map(({ value }) => value),
    phones: row.phones.map(({ value }) => value),
    companies: row.company === null ? [] : [row.company],
  };
}

export function factsOfOwn({ name, emails, phones, company }: HostPerson): PersonFacts {
  return { names: [name], emails, phones, companies: company === null ? [] : [company] };
}
