import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { execute, query } from '../database/query.js';
import type { HiringPipeline, PersonRef } from '../host/hiring-pipeline.port.js';
import { comparable, joined } from './compared-person.js';
import type { ComparedPerson, PersonFacts } from './compared-person.js';
import { comparePeople } from './compare-people.js';
import { holdPeople } from './people-lock.js';
import { factsOfCandidate, factsOfOwn } from './people-index.js';
import { readCandidates } from './read-candidates.js';

const AT_ONCE = 1000;
/** A number or address that more people than this have is an agency's or a placeholder: it tells nobody apart. */
const MOST_OF_A_KEY = 20;

interface Pair {
  readonly left: PersonRef;
  readonly right: PersonRef;
}

/**
 * Compares the next people who changed with those they share a key with. False when nobody is left. In one transaction with
 * the links: a merge waits, so nobody is suggested who was merged meanwhile.
 */
export async function compareDirty(
  em: EntityManager,
  host: HiringPipeline,
  workspaceId: string,
  now: Date,
): Promise<boolean> {
  await holdPeople(em, workspaceId);
  const dirty = await query<PersonRef>(
    em,
    `update ats.searched_people p set dirty = false from (
       select kind, id from ats.searched_people where workspace_id = $1 and dirty
       order by kind, id limit $2 for update skip locked) next
     where p.workspace_id = $1 and p.kind = next.kind and p.id = next.id returning p.kind, p.id`,
    [workspaceId, AT_ONCE],
  );
  if (dirty.length === 0) return false;
  const pairs = await pairsOf(em, workspaceId, dirty);
  const people = await readPeople(em, host, workspaceId, pairs);
  const found: Found[] = [];
  for (const pair of pairs) {
    const [left, right] = [people.get(nameOf(pair.left)), people.get(nameOf(pair.right))];
    if (left === undefined || right === undefined) continue;
    const { confidence, ...comparison } = comparePeople(left, right);
    if (confidence !== null) found.push({ ...pair, ...comparison, confidence });
  }
  await write(em, workspaceId, dirty, found, now);
  return true;
}

const ROOT = (of: string): string => `select 'ats' as kind, survivor_id::text as id from ats.candidate_links
  where workspace_id = $1 and kind = ${of}.kind and id = ${of}.id limit 1`;

/** Pairs of people as they are merged now, by shared keys; the host's own among themselves are the host's. */
async function pairsOf(em: EntityManager, workspaceId: string, dirty: readonly PersonRef[]): Promise<Pair[]> {
  const rows = await query<{ kind: PersonRef['kind']; id: string; other_kind: PersonRef['kind']; other_id: string }>(
    em,
    `with mine as materialized (
       select k.key, g.kind, g.id from unnest($2::text[], $3::text[]) as g(kind, id)
       cross join lateral (select p.key from ats.person_keys p where p.workspace_id = $1 and p.kind = g.kind and p.id = g.id limit 500) k),
     shared as materialized (
       select m.key, k.kind, k.id, count(*) over (partition by m.key) as people from (select distinct key from mine) m
       cross join lateral (select p.kind, p.id from ats.person_keys p where p.workspace_id = $1 and p.key = m.key limit $4) k)
     select distinct coalesce(l.kind, m.kind) as kind, coalesce(l.id, m.id) as id,
       coalesce(o.kind, k.kind) as other_kind, coalesce(o.id, k.id) as other_id
     from mine m join shared k on k.key = m.key and k.people between 2 and $4 - 1
     left join lateral (${ROOT('m')}) l on true left join lateral (${ROOT('k')}) o on true`,
    [workspaceId, dirty.map(({ kind }) => kind), dirty.map(({ id }) => id), MOST_OF_A_KEY + 1],
  );
  const pairs = new Map<string, Pair>();
  for (const { kind, id, other_kind: otherKind, other_id: otherId } of rows) {
    if (id === otherId && kind === otherKind) continue;
    const [left, right] = inOrder({ kind, id }, { kind: otherKind, id: otherId });
    if (left.kind === 'ats') pairs.set(`${nameOf(left)} ${nameOf(right)}`, { left, right });
  }
  return [...pairs.values()];
}

/** An ATS's before one of the host's own, the earlier of two of ATSs first: our ids grow with time. */
function inOrder(one: PersonRef, other: PersonRef): [PersonRef, PersonRef] {
  const earlier = one.kind === other.kind ? one.id < other.id : one.kind === 'ats';
  return earlier ? [one, other] : [other, one];
}

/** All that the records of each person say. */
async function readPeople(
  em: EntityManager,
  host: HiringPipeline,
  workspaceId: string,
  pairs: readonly Pair[],
): Promise<Map<string, ComparedPerson>> {
  const refs = [
    ...new Map(pairs.flatMap(({ left, right }) => [left, right]).map((ref) => [nameOf(ref), ref])).values(),
  ];
  const roots = refs.filter(({ kind }) => kind === 'ats').map(({ id }) => id);
  const linked = await query<PersonRef & { root: string }>(
    em,
    `select l.kind, l.id, g.id::text as root from unnest($2::uuid[]) as g(id) cross join lateral (
       select kind, id from ats.candidate_links where survivor_id = g.id and workspace_id = $1 offset 0) l`,
    [workspaceId, roots],
  );
  const records = await readCandidates(em, workspaceId, [
    ...roots,
    ...linked.filter(({ kind }) => kind === 'ats').map(({ id }) => id),
  ]);
  const ownIds = [...refs, ...linked].filter(({ kind }) => kind === 'own').map(({ id }) => id);
  const own = ownIds.length === 0 ? [] : ((await host.people?.(workspaceId, { ids: ownIds }, em)) ?? []);
  const facts = new Map<string, PersonFacts>(own.map((person) => [`own ${person.id}`, factsOfOwn(person)]));
  for (const [id, { record, tombstone }] of records)
    if (tombstone === null) facts.set(`ats ${id}`, factsOfCandidate(record));
  const people = new Map<string, ComparedPerson>();
  for (const ref of refs) {
    const members = [ref, ...(ref.kind === 'ats' ? linked.filter(({ root }) => root === ref.id) : [])];
    const said = members.flatMap((member) => facts.get(nameOf(member)) ?? []);
    if (said.length > 0) people.set(nameOf(ref), comparable(joined(said)));
  }
  return people;
}

type Found = Pair & Omit<ReturnType<typeof comparePeople>, 'confidence'> & { readonly confidence: string };

async function write(
  em: EntityManager,
  workspaceId: string,
  dirty: readonly PersonRef[],
  found: readonly Found[],
  now: Date,
): Promise<void> {
  // What was found for these people before and is not any more.
  await execute(
    em,
    `delete from ats.duplicates where status = 'open' and not (left_id || ' ' || right_id) = any($4::text[]) and id in (
       select d.id from unnest($2::text[], $3::text[]) as g(kind, id) cross join lateral (
         select id from ats.duplicates where workspace_id = $1 and left_kind = g.kind and left_id = g.id offset 0) d
       union select d.id from unnest($2::text[], $3::text[]) as g(kind, id) cross join lateral (
         select id from ats.duplicates where workspace_id = $1 and right_kind = g.kind and right_id = g.id offset 0) d)`,
    [
      workspaceId,
      dirty.map(({ kind }) => kind),
      dirty.map(({ id }) => id),
      found.map(({ left, right }) => `${left.id} ${right.id}`),
    ],
  );
  const rows = found.map(({ left, right, ...rest }) => ({
    id: uuidv7(),
    left_kind: left.kind,
    left_id: left.id,
    right_kind: right.kind,
    right_id: right.id,
    ...rest,
  }));
  await execute(
    em,
    `insert into ats.duplicates as d (id, workspace_id, left_kind, left_id, right_kind, right_id, score, confidence, evidence, marks, found_at)
     select id, $1, left_kind, left_id, right_kind, right_id, score, confidence, evidence, marks, $3
     from jsonb_to_recordset($2::jsonb) as g(id uuid, left_kind text, left_id text, right_kind text, right_id text, score int,
       confidence text, evidence jsonb, marks text[])
     order by left_id, right_id
     on conflict (workspace_id, left_kind, left_id, right_kind, right_id) do update
       set score = excluded.score, confidence = excluded.confidence, evidence = excluded.evidence, marks = excluded.marks,
         status = case when d.status = 'dismissed' and excluded.marks <@ d.dismissed_marks then 'dismissed' else 'open' end`,
    [workspaceId, JSON.stringify(rows), now],
  );
}

function nameOf({ kind, id }: PersonRef): string {
  return `${kind} ${id}`;
}
