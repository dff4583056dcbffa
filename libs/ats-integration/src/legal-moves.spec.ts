import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CONNECTION_STATUSES, LEGAL_TRANSITIONS } from './connections/connection-status.js';
import { FIELD_CHANGE_STATUSES, LEGAL_FIELD_CHANGE_MOVES } from './field-changes/field-change-status.js';
import { CHANGE_STATUSES, LEGAL_CHANGE_MOVES } from './outbound/stage-change-status.js';
import { LEGAL_RUN_TRANSITIONS, RUN_STATUSES } from './sync/sync-run-status.js';
import { startAtsDatabase } from './testing-support/ats-database.js';
import type { AtsDatabase } from './testing-support/ats-database.js';

let database: AtsDatabase;
beforeAll(async () => {
  database = await startAtsDatabase();
});
afterAll(() => database.stop());

const connection = async (status: string): Promise<string> => {
  const id = randomUUID();
  await database.rows(
    `insert into ats.connections (id, workspace_id, provider, status, sealed_credentials, created_by, created_at)
     values ($1, 'w', 'p', $2, case when $2 = 'disconnected' then null else 'sealed' end, 'u', now())`,
    [id, status],
  );
  return id;
};
const moves = <Status extends string>(statuses: readonly Status[]) =>
  statuses.flatMap((from) => statuses.map((to) => [from, to] as const));

describe('the database knows the state machines', () => {
  it.each(moves(CONNECTION_STATUSES).filter(([from, to]) => from !== to))(
    'a connection that is %s becomes %s only where the table says so',
    async (from, to) => {
      const id = await connection(from);
      const moved = database.rows(
        `update ats.connections set status = $2, sealed_credentials = case when $2 = 'disconnected' then null else 'sealed' end where id = $1`,
        [id, to],
      );
      const legal = (LEGAL_TRANSITIONS[from] as readonly string[]).includes(to);
      if (legal) await expect(moved).resolves.toBeDefined();
      else await expect(moved).rejects.toThrow(`${from} cannot become ${to}`);
    },
  );

  it.each(moves(RUN_STATUSES).filter(([from, to]) => from !== to))(
    'a run that is %s becomes %s only where the table says so',
    async (from, to) => {
      const over = (status: string) => ['completed', 'failed', 'aborted'].includes(status);
      const id = randomUUID();
      await database.rows(
        `insert into ats.sync_runs (id, connection_id, kind, trigger, status, epoch, window_until, queued_at, finished_at)
         values ($1, $2, 'initial', 'connect', $3, 1, now(), now(), case when $4 then now() end)`,
        [id, await connection('active'), from, over(from)],
      );
      const moved = database.rows(
        `update ats.sync_runs set status = $2, finished_at = case when $3 then now() end where id = $1`,
        [id, to, over(to)],
      );
      const legal = (LEGAL_RUN_TRANSITIONS[from] as readonly string[]).includes(to);
      if (legal) await expect(moved).resolves.toBeDefined();
      else await expect(moved).rejects.toThrow(`${from} cannot become ${to}`);
    },
  );

  it.each(moves(CHANGE_STATUSES).filter(([from, to]) => from !== to))(
    'a stage change that is %s becomes %s only where the table says so',
    async (from, to) => {
      const over = (status: string) => ['confirmed', 'refused', 'superseded'].includes(status);
      const id = randomUUID();
      await database.rows(
        `insert into ats.stage_changes (id, connection_id, workspace_id, epoch, application_id, application_remote_id, status, to_stage_id,
           actor_user_id, baseline, requested_at, settled_at)
         values ($1, $2, 'w', 1, $1, 'a1', $3, 'offer', 'u', '{}', now(), case when $4 then now() end)`,
        [id, await connection('active'), from, over(from)],
      );
      const moved = database.rows(
        `update ats.stage_changes set status = $2, settled_at = case when $3 then now() end where id = $1`,
        [id, to, over(to)],
      );
      const legal = (LEGAL_CHANGE_MOVES[from] as readonly string[]).includes(to);
      if (legal) await expect(moved).resolves.toBeDefined();
      else await expect(moved).rejects.toThrow(`${from} cannot become ${to}`);
    },
  );

  it.each(moves(FIELD_CHANGE_STATUSES).filter(([from, to]) => from !== to))(
    'a field change that is %s becomes %s only where the table says so',
    async (from, to) => {
      const over = (status: string) => ['confirmed', 'refused', 'superseded'].includes(status);
      const id = randomUUID();
      await database.rows(
        `insert into ats.field_changes (id, connection_id, workspace_id, epoch, candidate_id, candidate_remote_id, status, actor_user_id,
           requested_at, settled_at)
         values ($1, $2, 'w', 1, $1, 'c1', $3, 'u', now(), case when $4 then now() end)`,
        [id, await connection('active'), from, over(from)],
      );
      const moved = database.rows(
        `update ats.field_changes set status = $2, settled_at = case when $3 then now() end where id = $1`,
        [id, to, over(to)],
      );
      const legal = (LEGAL_FIELD_CHANGE_MOVES[from] as readonly string[]).includes(to);
      if (legal) await expect(moved).resolves.toBeDefined();
      else await expect(moved).rejects.toThrow(`${from} cannot become ${to}`);
    },
  );

  it('keeps what was typed of a field only while it is open, and never opens it again', async () => {
    const id = randomUUID();
    await database.rows(
      `insert into ats.field_changes (id, connection_id, workspace_id, epoch, candidate_id, candidate_remote_id, status, actor_user_id,
         requested_at) values ($1, $2, 'w', 1, $1, 'c1', 'pending', 'u', now())`,
      [id, await connection('active')],
    );
    await database.rows(
      `insert into ats.field_change_values (change_id, field, seen, wanted) values ($1, 'headline', '"a"', '"b"')`,
      [id],
    );
    const become = (status: string, value: string) =>
      database.rows(
        `update ats.field_change_values set status = $2, seen = ${value}, wanted = ${value} where change_id = $1`,
        [id, status],
      );
    await expect(become('confirmed', `'"b"'`)).rejects.toThrow('field_change_values_while_open');
    await become('confirmed', 'null');
    await expect(become('open', `'"b"'`)).rejects.toThrow('confirmed cannot become open');
  });

  it('lets one field change of a candidate go out at a time', async () => {
    const on = await connection('active');
    const candidate = randomUUID();
    const add = () =>
      database.rows(
        `insert into ats.field_changes (id, connection_id, workspace_id, epoch, candidate_id, candidate_remote_id, status, actor_user_id,
           requested_at) values (gen_random_uuid(), $1, 'w', 1, $2, 'c1', 'sending', 'u', now())`,
        [on, candidate],
      );
    await add();
    await expect(add()).rejects.toThrow('field_changes_one_sending');
  });

  it('lets one stage change of an application go out at a time, and one wait behind it', async () => {
    const on = await connection('active');
    const application = randomUUID();
    const add = (status: string) =>
      database.rows(
        `insert into ats.stage_changes (id, connection_id, workspace_id, epoch, application_id, application_remote_id, status, to_stage_id,
           actor_user_id, baseline, requested_at)
         values (gen_random_uuid(), $1, 'w', 1, $2, 'a1', $3, 'offer', 'u', '{}', now())`,
        [on, application, status],
      );
    await add('sending');
    await add('parked');
    await expect(add('sending')).rejects.toThrow('stage_changes_one_sending');
    await expect(add('pending')).rejects.toThrow('stage_changes_one_waiting');
  });
});
