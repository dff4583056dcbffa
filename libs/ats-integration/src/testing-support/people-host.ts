import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 as uuidv7 } from 'uuid';
import { execute, query } from '../database/query.js';
import type {
  HiringPipeline,
  HostPerson,
  HostStage,
  PeopleQuery,
  PersonMerge,
  PersonRef,
  PersonUnmerge,
  PipelineBatch,
} from '../host/hiring-pipeline.port.js';
import type { AtsDatabase } from './ats-database.js';
import { ELLY_STAGES } from './elly-stages.js';

export interface PersonRow {
  readonly id: string;
  readonly record_id: string | null;
  readonly name: string;
  readonly emails: readonly string[];
  readonly headline: string | null;
  readonly company: string | null;
  readonly gone: string | null;
}

/** A host with people of its own beside the imported ones, who can be merged. */
export class PeopleHost implements HiringPipeline {
  readonly batches: PipelineBatch[] = [];
  readonly merges: (PersonMerge | PersonUnmerge)[] = [];
  /** Called in the transaction of a merge. */
  onMerge: () => Promise<void> | void = () => undefined;

  static async createTables(database: AtsDatabase): Promise<void> {
    await database.rows(`create table host.people (id text primary key, workspace_id text not null, record_id uuid unique,
      name text not null, emails text[] not null, phones text[] not null, headline text, company text, location text, gone text, merged_into text)`);
    await database.rows(`create table host.places (id uuid primary key, remote_id text, person_id text not null references host.people,
      came_from text)`);
    await database.rows(
      `create table host.files (person_id text primary key references host.people, reference text not null)`,
    );
  }

  stages(): Promise<readonly HostStage[]> {
    return Promise.resolve(ELLY_STAGES);
  }

  async apply(batch: PipelineBatch, em: EntityManager): Promise<void> {
    this.batches.push(batch);
    for (const { id, record } of batch.candidates) {
      await execute(
        em,
        `insert into host.people (id, workspace_id, record_id, name, emails, phones, headline, company, location)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (record_id) do update set name = excluded.name, emails = excluded.emails, phones = excluded.phones,
           headline = excluded.headline, company = excluded.company, location = excluded.location, gone = null`,
        [
          uuidv7(),
          batch.workspaceId,
          id,
          record.name,
          record.emails.map(({ value }) => value),
          record.phones.map(({ value }) => value),
          record.headline,
          record.company,
          record.location,
        ],
      );
    }
    for (const { id, record, candidateId } of batch.applications) {
      await execute(
        em,
        `insert into host.places (id, remote_id, person_id) values ($1, $2, (select id from host.people where record_id = $3))
         on conflict (id) do update set person_id = excluded.person_id`,
        [id, record.remoteId, candidateId],
      );
    }
    for (const { candidateId, reference } of batch.resumes) {
      await execute(
        em,
        `insert into host.files values ((select id from host.people where record_id = $1), $2)
         on conflict (person_id) do update set reference = excluded.reference`,
        [candidateId, reference],
      );
    }
    for (const change of batch.gone.filter(({ kind }) => kind === 'candidate')) {
      await execute(em, `update host.people set gone = $2 where record_id = $1`, [change.id, change.tombstone]);
      if (change.tombstone === 'anonymised') {
        await execute(
          em,
          `update host.people p set name = '', emails = '{}', phones = '{}', headline = null, company = null
           where p.record_id = $1 or (p.record_id is null and p.merged_into = (select id from host.people where record_id = $1))`,
          [change.id],
        );
      }
      if (change.intoId === null) continue;
      await execute(
        em,
        `update host.places set person_id = (select id from host.people where record_id = $2)
         where person_id = (select id from host.people where record_id = $1)`,
        [change.id, change.intoId],
      );
    }
  }

  people(workspaceId: string, asked: PeopleQuery, em: EntityManager): Promise<readonly HostPerson[]> {
    const [after, limit, ids] = 'ids' in asked ? [null, asked.ids.length, asked.ids] : [asked.after, asked.limit, null];
    return query<HostPerson>(
      em,
      `select id, name, emails, phones, headline, company, location from host.people
       where workspace_id = $1 and record_id is null and ($2::text is null or id > $2) and ($3::text[] is null or id = any($3))
         and ($3::text[] is not null or merged_into is null) order by id limit $4`,
      [workspaceId, after, ids, limit],
    );
  }

  async merge(merge: PersonMerge, em: EntityManager): Promise<void> {
    this.merges.push(merge);
    await this.onMerge();
    const [survivor, merged] = [await rowOf(em, { kind: 'ats', id: merge.survivorId }), await rowOf(em, merge.merged)];
    await execute(em, `update host.people set merged_into = $2 where id = $1`, [merged, survivor]);
    await execute(
      em,
      `update host.places set person_id = $2, came_from = coalesce(came_from, person_id) where person_id = $1 and remote_id is null`,
      [merged, survivor],
    );
  }

  async unmerge(merge: PersonUnmerge, em: EntityManager): Promise<void> {
    this.merges.push(merge);
    const [survivor, merged] = [await rowOf(em, { kind: 'ats', id: merge.survivorId }), await rowOf(em, merge.merged)];
    await execute(em, `update host.people set merged_into = null where id = $1`, [merged]);
    const members = await Promise.all(merge.members.map((member) => rowOf(em, member)));
    await execute(
      em,
      `update host.places set person_id = $1, came_from = case when came_from = $1 then null else came_from end where came_from = any($2::text[])`,
      [merged, members],
    );
    await execute(em, `delete from host.files where person_id = $1 and reference = any($2::text[])`, [
      survivor,
      merge.resumeReferences,
    ]);
  }

  /** One of the host's own; with an application made by hand, when it is named. */
  async add(database: AtsDatabase, workspaceId: string, person: Partial<HostPerson>, place?: string): Promise<string> {
    const id = person.id ?? uuidv7();
    await database.rows(`insert into host.people values ($1, $2, null, $3, $4, $5, $6, $7, $8)`, [
      id,
      workspaceId,
      person.name ?? 'Somebody',
      person.emails ?? [],
      person.phones ?? [],
      person.headline ?? null,
      person.company ?? null,
      person.location ?? null,
    ]);
    if (place !== undefined) await database.rows(`insert into host.places values ($1, null, $2)`, [place, id]);
    return id;
  }
}

async function rowOf(em: EntityManager, { kind, id }: PersonRef): Promise<string> {
  const [row] = await query<{ id: string }>(
    em,
    kind === 'own'
      ? `select id from host.people where id = $1`
      : `select id from host.people where record_id = $1::uuid`,
    [id],
  );
  if (row === undefined) throw new Error(`The host has no ${kind} person ${id}.`);
  return row.id;
}
